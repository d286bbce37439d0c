import ArgumentParser

/// `helmholtz features train|info|extract`
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Train, describe and apply the networks in whose features images are compared.",
    discussion: """
      Examples:

        helmholtz features train --data mnist
        helmholtz metric fid --features mnist --x real --y generated
      """,
    subcommands: [FeaturesTrain.self, FeaturesInfo.self, FeaturesExtract.self])
}
