import Foundation
import Testing

@testable import Configuration
@testable import Systems

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
    var settings = Catalog.vae.defaults
    try settings.apply(SettingsDocument(yaml: yaml, source: "recipe.yaml"))
  }
}

/// Why the VAE cannot take an assignment.
func refusal(setting assignment: String) -> String {
  message {
    var settings = Catalog.vae.defaults
    try settings.set(assignment)
  }
}

extension RunSettings {
  /// The settings of an autoencoder.
  var autoencoder: AutoencoderDesign {
    get { design as! AutoencoderDesign }
    set { design = newValue }
  }

  /// The settings of a model with auxiliary variables.
  var auxiliaryModel: AuxiliaryModelDesign {
    get { design as! AuxiliaryModelDesign }
    set { design = newValue }
  }
}

/// The repository's recipes.
let recipes = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Recipes")
