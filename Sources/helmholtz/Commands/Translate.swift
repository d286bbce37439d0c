import ArgumentParser
import Datasets
import Foundation
import Generative
import Runs
import Torch

/// `helmholtz translate RUN`
struct Translate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Translate examples from one domain to the other.",
    discussion: """
      Example:  helmholtz translate runs/cyclegan-horses-1 --data photos --to b --out zebras

      Domain a is the source that the run was trained on, b its target: --to b takes examples of a.

      Images become PNG files in a folder, with the names of the files that they were made of, or the numbers of the \
      examples where those are no files. Arrays become one array (.npy).
      """)

  @OptionGroup var target: RunChoice
  @OptionGroup var source: ExampleSource
  @Option(help: "The domain to translate to: a, the source of the run, or b, its target.") var to: Domain
  @Option(help: "Translate only the first N examples.") var limit: Int?
  @Option(help: "Folder for images, which has to be new or empty, or file for an array (.npy).") var out: String
  @OptionGroup var seed: SeedOption

  func validate() throws {
    try check(limit, "--limit", in: 1...Int.max)
    if hasEnding(out, ".npy") { return try checkOutput(out, ".npy") }
    if hasEnding(out, ".png") {
      throw ValidationError("--out: expected a folder or a .npy file, got '\(out)'")
    }
  }

  func run() throws {
    let run = try target.open(source.place)
    _ = try run.model(as: .translation(to: to))
    let isArray = hasEnding(out, ".npy")
    if !isArray {
      guard Pictures.canShow(run.facts.shape) else { throw RunError.noImages(run.facts.shape) }
      try checkFolder()
    }
    let own = to == .a ? run.settings.targetData : nil
    let selection = try source.selection(run, own: own)
    let stored = try run.examples(selection.split, of: selection.dataset, limit: limit)
    let names = try isArray ? [] : Self.fileNames(stored)
    let examples = try run.onDevice(stored, for: .coding)
    let meter = Meter("translating")
    let translated = try run.translations(of: examples, to: to, seed: seed.seed) { meter.show($0, examples.count) }
    meter.finish()
    if isArray {
      try translated.writeNPY(to: out)
      return print("\(out): array of shape \(translated.shape)")
    }
    for (image, name) in zip(try Pictures.images(translated), names) {
      let file = URL(fileURLWithPath: "\(out)/\(name)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try image.write(to: file)
    }
    print("\(out): \(names.count) images")
  }

  /// Refuses a folder with anything in it: files of the same names would be lost.
  private func checkFolder() throws {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: out, isDirectory: &isDirectory) else { return }
    let found = isDirectory.boolValue ? try FileManager.default.contentsOfDirectory(atPath: out).count : 0
    guard isDirectory.boolValue, found == 0 else {
      let got = isDirectory.boolValue ? "'\(out)' with \(found) \(found == 1 ? "file" : "files")" : "the file '\(out)'"
      throw ValidationError("--out: expected a new or an empty folder, got \(got)")
    }
  }

  /// The names of the examples' files with the ending .png, or their numbers.
  private static func fileNames(_ examples: Examples) throws -> [String] {
    guard let names = examples.exampleNames else {
      let digits = String(examples.count - 1).count
      return (0..<examples.count).map { index in
        let number = String(index)
        return String(repeating: "0", count: digits - number.count) + number + ".png"
      }
    }
    let files = names.map { ($0 as NSString).deletingPathExtension + ".png" }
    var seen: [String: String] = [:]
    for (file, name) in zip(files, names) {
      if let other = seen.updateValue(name, forKey: file) {
        throw RunError.sameFile(other, name, becoming: file)
      }
    }
    return files
  }
}

extension Domain: ExpressibleByArgument {}
