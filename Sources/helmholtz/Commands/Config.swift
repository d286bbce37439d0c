import ArgumentParser
import Systems

/// `helmholtz config MODEL`
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a model's complete configuration with defaults and comments.",
    discussion: "Example:  helmholtz config vae > my.yaml && helmholtz train my.yaml --data mnist")

  @OptionGroup var choice: ModelChoice

  func run() throws {
    let settings = try choice.settings()
    print(settings.yaml(heading: try Catalog.system(named: settings.model).heading), terminator: "")
  }
}
