/// How one system comes from another: an edge of the graph of relations, Figure 4 of Hu et al. 2018.
public struct Relation: Sendable, Equatable {
  /// How both belong together.
  public enum Kind: Sendable {
    /// The second has all of the first, and more.
    case extends
    /// Each is the other with two parts exchanged.
    case mirrors
    /// The triangle that the others hang on: the same, or its halves.
    case backbone
  }

  /// The names of the systems.
  public let from, to: String
  /// What is added or exchanged, in a few words.
  public let change: String
  /// How both belong together.
  public let kind: Kind

  /// The second comes from the first by a change.
  public init(_ from: String, _ to: String, _ change: String, _ kind: Kind = .extends) {
    self.from = from
    self.to = to
    self.change = change
    self.kind = kind
  }
}

extension Catalog {
  /// The relations between systems of the catalog.
  ///
  /// A relation waits here until both of its systems have a name; whoever adds a system adds those that it has.
  public static var relations: [Relation] {
    let names = Set(systems.map(\.name))
    return everyRelation.filter { names.contains($0.from) && names.contains($0.to) }
  }

  /// Also those of systems that have no name yet.
  static let everyRelation = unified + autoencoderRelations + auxiliaryRelations + densityRelations + stagedRelations

  /// Those of the paper.
  private static let unified: [Relation] = [
    Relation("gan", "vae", "opposite KLs", .backbone),
    Relation("wake-sleep", "vae", "wake phase", .backbone),
    Relation("wake-sleep", "gan", "sleep phase", .backbone),
    Relation("ada", "gan", "one domain fixed"),
    Relation("gan", "infogan", "recover the code"),
    Relation("infogan", "aae", "exchange x and z", .mirrors),
    Relation("infogan", "vae", "exchange generation and inference", .mirrors),
    Relation("infogan", "cyclegan", "two data spaces"),
    Relation("aae", "cyclegan", "two data spaces"),
    Relation("pm", "aae", "one critic for all units"),
    Relation("gan", "vae-gan", "both losses"),
    Relation("vae", "vae-gan", "both losses"),
    Relation("gan", "iwgan", "importance weights"),
    Relation("iwae", "iwgan", "the same weights", .mirrors),
    Relation("gan", "cgan", "a class"),
    Relation("iwgan", "iwcgan", "a class"),
    Relation("cgan", "iwcgan", "importance weights"),
    Relation("wake-sleep", "rws", "k particles"),
    Relation("vae", "aavae", "an active critic"),
    Relation("vae", "cvae", "a class"),
    Relation("cvae", "aacvae", "an active critic"),
    Relation("aavae", "aacvae", "a class"),
    Relation("svae", "aasvae", "an active critic"),
    Relation("aavae", "aasvae", "a class to infer"),
  ]

  private static let autoencoderRelations: [Relation] = [
    Relation("vae", "iwae", "importance weights"),
    Relation("vae", "beta-vae", "a weight"),
    Relation("vae", "ae", "no KL"),
    Relation("vae", "aae", "a critic for the KL"),
    Relation("vae", "infovae", "two weights"),
    Relation("infovae", "mmd-vae", "MMD alone"),
    Relation("infovae", "stein-vae", "Stein alone"),
    Relation("infovae", "aae", "a critic alone"),
    Relation("vae", "vae-planar", "planar layers"),
    Relation("vae", "vae-iaf", "autoregressive layers"),
    Relation("vae", "hvi", "leapfrog steps"),
    Relation("vae", "avb", "implicit inference"),
    Relation("avb", "avb-ac", "adaptive contrast"),
    Relation("avb", "mi", "Stein for the critic"),
    Relation("mi", "infomax", "no decoder"),
  ]

  private static let auxiliaryRelations: [Relation] = [
    Relation("vae", "m2", "a class to infer"),
    Relation("m2", "svae", "other networks"),
    Relation("vae", "avae", "auxiliary variables"),
    Relation("m2", "adgm", "auxiliary variables"),
    Relation("avae", "adgm", "a class to infer"),
    Relation("adgm", "sdgm", "skip connections"),
    Relation("classifier", "m2", "unlabelled too"),
  ]

  private static let stagedRelations: [Relation] = [
    Relation("mi", "mi-asl", "a density, and a way back"),
    Relation("vae", "vae-asl", "a density, and a way back"),
    Relation("realnvp", "vae-asl", "as the prior"),
    Relation("vae-asl", "two-stage-vae", "a VAE of codes, no way back"),
    Relation("mi-asl", "asl", "any encoder, any density"),
    Relation("vae-asl", "asl", "any encoder, any density"),
    Relation("regression", "asl", "as the way back"),
  ]

  private static let densityRelations: [Relation] = [
    Relation("nice", "realnvp", "scales too"),
    Relation("realnvp", "maf", "one dimension at a time"),
    Relation("maf", "vae-iaf", "fast density, fast draws", .mirrors),
    Relation("gmm", "nice", "one Gaussian, through a flow"),
  ]
}
