import Generative
import Torch

extension System {
  /// A network from examples to classes that sees the labelled ones alone, beside which semi-supervised models are put.
  ///
  /// It draws nothing, so the settings of codes, decoder and bound have no effect. A step takes `labels.batchSize`
  /// labelled examples, and an epoch counts as many steps as for the models that see the others too.
  static let classifier = System(
    name: "classifier",
    paper: Paper(
      key: "kingma2014ssl-nn",
      citation:
        "Kingma, Rezende, Mohamed & Welling 2014, Semi-Supervised Learning with Deep Generative Models "
        + "(arXiv:1406.5298), the baseline NN of Table 1"
    ),
    summary: "labelled examples alone: a network to classes, by cross entropy", learnsClasses: true,
    changes: {
      // Any numbers are taken as they are: nothing is binarized for a likelihood.
      $0.likelihood.family = .gaussian
      $0.data.validation = 0
    },
    make: { settings, exampleShape, rng in
      guard let classes = settings.labels.classes else {
        throw SettingsError(path: "labels.classes", "expected the number of classes, got null")
      }
      return Classifier(settings.encoder.encoder(of: exampleShape, using: rng), classes: classes, feed: .labelled, using: rng)
    })
}
