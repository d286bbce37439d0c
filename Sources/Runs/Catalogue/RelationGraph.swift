import Figures
import Systems

/// Figure 4 of Hu et al. 2018 for the catalog: systems, and what makes one of another.
public enum RelationGraph {
  /// Where a system stands, in pixels from `vae`. GANs are on the left, VAEs on the right, wake-sleep between them.
  private static let places: [String: (x: Double, y: Double)] = [
    "vae": (0, 0), "gan": (-660, 0), "wake-sleep": (-330, -260), "rws": (-330, -450), "vae-gan": (-330, -100),
    "iwae": (-150, -370), "iwgan": (-510, -370), "iwcgan": (-760, -370), "cgan": (-880, -80), "ada": (-880, 130),
    "infogan": (-440, 280), "cyclegan": (-400, 470), "aae": (-170, 380), "pm": (-60, 500), "ae": (-60, 250),
    "infovae": (160, 350), "stein-vae": (130, 500), "mmd-vae": (320, 470), "beta-vae": (-10, -350),
    "vae-planar": (140, -410), "vae-iaf": (320, -370), "hvi": (400, -255), "avb": (480, -165), "avb-ac": (700, -165),
    "mi": (660, -270), "infomax": (880, -270),
    "mi-asl": (900, -420), "vae-asl": (640, -480), "asl": (900, -560), "two-stage-vae": (640, -640),
    "regression": (1080, -480),
    "cvae": (500, -75), "aavae": (500, 20), "aacvae": (740, -30), "svae": (500, 120), "aasvae": (740, 70),
    "nice": (-180, -560), "realnvp": (60, -560), "maf": (320, -560), "gmm": (-480, -560),
    "m2": (480, 225), "adgm": (700, 225), "sdgm": (900, 225), "avae": (470, 360), "classifier": (640, 440),
  ]

  /// The distance between rows of systems that have no place yet.
  private static let row = 70.0

  /// The graph of systems and relations.
  ///
  /// - Parameter relations: between systems, which are shown if they have any.
  public static func diagram(_ relations: [Relation]) -> Diagram {
    let names = Set(relations.flatMap { [$0.from, $0.to] }).sorted()
    let strangers = names.filter { places[$0] == nil }
    let lowest = (names.compactMap { places[$0]?.y }.max() ?? 0) + row
    let nodes = names.map { name in
      let place = places[name] ?? (Double(strangers.firstIndex(of: name)!) * 160 - 700, lowest)
      return Diagram.Node(name, at: .init(place.x, place.y), isBox: true)
    }
    return Diagram(
      title: "Relations between systems", nodes: nodes,
      arrows: relations.map { arrow($0.from, $0.to, $0.change, $0.kind) },
      legend: [
        arrow("", "", "what is changed, from the simpler system to the other", .extends),
        arrow("", "", "each is the other, with two parts exchanged", .mirrors),
      ] + (relations.contains { $0.kind == .backbone } ? [arrow("", "", "the backbone", .backbone)] : []),
      sharesLabels: false)
  }

  private static func arrow(_ from: String, _ to: String, _ label: String, _ kind: Relation.Kind) -> Diagram.Arrow {
    Diagram.Arrow(
      from, to, label: label, isDashed: kind == .mirrors, isBlue: kind == .backbone, hasHead: kind == .extends)
  }
}
