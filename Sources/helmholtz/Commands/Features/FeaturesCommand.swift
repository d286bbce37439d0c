import ArgumentParser

/// `helmholtz features train|info|extract`
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Networks whose features images are compared in.",
    discussion: """
      Examples:

        helmholtz features train --data mnist
        helmholtz metric fid --features mnist --x real --y generated
      """,
    subcommands: [FeaturesTrain.self, FeaturesInfo.self, FeaturesExtract.self])
}
