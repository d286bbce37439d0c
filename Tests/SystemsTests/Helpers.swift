import Foundation
import Testing

@testable import Experiments

/// The words of the error that `body` throws, or a note that it threw none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// Why a YAML text is no settings of the VAE.
func refusal(_ yaml: String) -> String {
  message {
    var settings = System.vae.defaults
    try settings.apply(SettingsDocument(yaml: yaml, source: "recipe.yaml"))
  }
}

/// Why the VAE cannot take an assignment.
func refusal(setting assignment: String) -> String {
  message {
    var settings = System.vae.defaults
    try settings.set(assignment)
  }
}

/// The repository's recipes.
let recipes = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Recipes")
