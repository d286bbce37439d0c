import Foundation

/// The decoder to attack, named in the environment as `FORMAT`: a format, `labels` for a table of labels, or `yaml` for
/// settings.
private let decoder: @Sendable ([UInt8]) throws -> Void = {
  let name = ProcessInfo.processInfo.environment["FORMAT"] ?? ""
  if name == "labels" { return decodeLabels }
  if name == "yaml" { return decodeYAML }
  guard let format = ArrayFormat(rawValue: name) else {
    let known = ArrayFormat.allCases.map(\.rawValue).joined(separator: ", ")
    FileHandle.standardError.write(Data("FORMAT: expected labels, yaml or one of \(known), got '\(name)'\n".utf8))
    exit(2)
  }
  return { content in try decodeArray(content, format) }
}()

/// Decodes a file of one array, the array `uint8` of several as the fixtures have it, a table with a header, and the
/// other half of a file of examples and classes.
private func decodeArray(_ content: [UInt8], _ format: ArrayFormat) throws(DatasetError) {
  let parts = [ArrayFormat.Part(), .init(key: "uint8"), .init(field: .labels, hasHeader: true)]
  var refusal: DatasetError?
  for part in parts {
    do throws(DatasetError) {
      let array = try format.decode(content, part, file: "x")
      precondition(array.doubles().count == array.count)
    } catch {
      refusal = error
    }
  }
  if let refusal { throw refusal }
}

@Sendable private func decodeLabels(_ content: [UInt8]) throws(DatasetError) {
  let table = try LabelTable.decode(content, file: "x")
  let count = 3
  let labels = try table.classes(for: nil, count: count).labels
  precondition(labels.count == count)
}

/// Decodes hostile bytes; libFuzzer reports what traps, hangs or takes too much memory. Refusals are what a decoder
/// is for.
@_cdecl("LLVMFuzzerTestOneInput")
public func decode(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try decoder([UInt8](UnsafeBufferPointer(start: start, count: count)))
  } catch {
    precondition(!"\(error)".isEmpty)
  }
  return 0
}

/// Stands for the type of the same name, which the decoders' errors mention and no decoder uses.
public enum Split: String, Sendable, CaseIterable {
  case train, validation, test
}
