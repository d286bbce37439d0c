import ArgumentParser
import Experiments
import Foundation

/// `helmholtz config MODEL`
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's complete configuration with defaults and comments.",
    discussion: "Example:  helmholtz config vae > my.yaml && helmholtz train my.yaml --data mnist")

  @OptionGroup var choice: ModelChoice

  func run() throws {
    let settings = try choice.settings()
    let system = try Catalog.system(named: settings.model)
    let heading = "\(system.name): \(system.summary)\n\(system.paper.citation)"
    print(settings.yaml(heading: heading), terminator: "")
  }
}
