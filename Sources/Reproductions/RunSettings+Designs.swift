import Systems

// Experiments are declared for systems of the catalog, whose families are known.
extension RunSettings {
  /// The settings of an autoencoder; a system of another family is a mistake of the declaration.
  var autoencoder: AutoencoderDesign {
    get { family() }
    set { design = newValue }
  }

  /// The settings of a model with auxiliary variables.
  var auxiliaryModel: AuxiliaryModelDesign {
    get { family() }
    set { design = newValue }
  }

  /// The settings of a GAN.
  var gan: GANDesign {
    get { family() }
    set { design = newValue }
  }

  /// The settings of a classifier.
  var classifier: ClassifierDesign {
    get { family() }
    set { design = newValue }
  }

  private func family<D: Design>() -> D {
    guard let own = design as? D else { preconditionFailure("\(model): expected \(D.self), got \(type(of: design))") }
    return own
  }

  /// The same settings under another system's name.
  func renamed(_ model: String) -> RunSettings {
    RunSettings(model: model, design: design, data: data, training: training)
  }
}
