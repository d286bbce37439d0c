import Foundation

extension PointSet {
  /// All of them, in the order they are listed.
  public static let all = [
    twoMoons, swissRoll, rings, ringsThin, eightGaussians, pinwheel, checkerboard, swissRoll3D, sCurve3D,
  ]

  /// Two half circles that reach into each other; scikit-learn's moons, doubled and centred.
  public static let twoMoons = PointSet(
    name: "two-moons", summary: "two interleaved half circles", classCount: 2, factors: ["angle"],
    noise: 0.2
  ) { component, noise, rng in
    let angle = Double.pi * rng.uniform()
    let (x, y) = component == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
    return Point(2 * x - 1 + noise * rng.normal(), 2 * y - 0.2 + noise * rng.normal(), factors: [angle])
  }

  /// A spiral, x = t cos t / 5 and y = t sin t / 5, for t from 1.5 pi to 4.5 pi.
  public static let swissRoll = PointSet(
    name: "swiss-roll", summary: "a spiral, the roll seen from its side", classCount: 1,
    factors: ["angle"], noise: 0.2
  ) { _, noise, rng in
    let t = 1.5 * Double.pi * (1 + 2 * rng.uniform())
    return Point(t * cos(t) / 5 + noise * rng.normal(), t * sin(t) / 5 + noise * rng.normal(), factors: [t])
  }

  /// Four circles of radius 0.75, 1.5, 2.25 and 3.
  public static let rings = circles("rings", "four concentric circles", noise: 0.08)

  /// The same, so thin that their density is near-singular.
  public static let ringsThin = circles("rings-thin", "four concentric circles without width", noise: 0.01)

  private static func circles(_ name: String, _ summary: String, noise: Double) -> PointSet {
    PointSet(name: name, summary: summary, classCount: 4, factors: ["angle"], noise: noise) { component, noise, rng in
      let angle = 2 * Double.pi * rng.uniform()
      let radius = 0.75 * Double(component + 1)
      return Point(
        radius * cos(angle) + noise * rng.normal(), radius * sin(angle) + noise * rng.normal(), factors: [angle])
    }
  }

  /// Eight round Gaussians on a circle of radius 4 / 1.414, of deviation 0.5 / 1.414: their entropy is 2.831880 nats.
  public static let eightGaussians = PointSet(
    name: "eight-gaussians", summary: "eight Gaussians on a circle", classCount: 8, factors: [],
    noise: 0.5 / 1.414, modes: KnownModes((0..<8).map(onCircle), deviation: 0.5 / 1.414)
  ) { component, noise, rng in
    let centre = onCircle(component)
    return Point(centre[0] + noise * rng.normal(), centre[1] + noise * rng.normal())
  }

  /// The centre of one of the eight.
  private static func onCircle(_ component: Int) -> [Double] {
    let (angle, radius) = (Double(component) * .pi / 4, 4 / 1.414)
    return [radius * cos(angle), radius * sin(angle)]
  }

  /// Five blades, each a Gaussian along a ray that is bent by exp(0.25 r) (Johnson et al. 2016).
  public static let pinwheel = PointSet(
    name: "pinwheel", summary: "five bent blades", classCount: 5, factors: ["radius"], noise: 0.1
  ) { component, noise, rng in
    let radius = 1 + 0.3 * rng.normal()
    let across = noise * rng.normal()
    let angle = 2 * Double.pi * Double(component) / 5 + 0.25 * exp(radius)
    return Point(
      2 * (radius * cos(angle) + across * sin(angle)), 2 * (across * cos(angle) - radius * sin(angle)),
      factors: [radius])
  }

  /// The eight dark fields of a board of four by four over [-4, 4] x [-4, 4]; there is no noise.
  public static let checkerboard = PointSet(
    name: "checkerboard", summary: "the dark fields of a board", classCount: 8, factors: [],
    noise: 0
  ) { component, noise, rng in
    let (column, half) = (component / 2, component % 2)
    let row = 2 * half + column % 2
    return Point(2 * (Double(column) + rng.uniform()) - 4, 2 * (Double(row) + rng.uniform()) - 4)
  }

  /// A rolled sheet: the spiral of `swissRoll` in x1 and x3, for t from 1.5 pi to 4.5 pi, and x2 from -2 to 2; without
  /// noise x1 and x3 lie within 2.83 of 0.
  ///
  /// It is scikit-learn's roll at a fifth of its size, centred, with t uniform and not the length along the sheet.
  public static let swissRoll3D = PointSet(
    name: "swiss-roll-3d", summary: "a rolled sheet in space", dimension: 3, classCount: 1,
    factors: ["angle", "height"], noise: 0.05
  ) { _, noise, rng in
    let t = 1.5 * Double.pi * (1 + 2 * rng.uniform())
    let height = 4 * rng.uniform() - 2
    return Point(
      t * cos(t) / 5 + noise * rng.normal(), height + noise * rng.normal(), t * sin(t) / 5 + noise * rng.normal(),
      factors: [t, height])
  }

  /// A sheet bent to an S: x1 = sin t and x3 = sign(t) (cos t - 1), for t from -1.5 pi to 1.5 pi, and x2 from -1 to 1;
  /// without noise x1 lies within 1 and x3 within 2 of 0. It is scikit-learn's, with x2 centred.
  public static let sCurve3D = PointSet(
    name: "s-curve-3d", summary: "a sheet in space, bent to an S", dimension: 3, classCount: 1,
    factors: ["angle", "height"], noise: 0.05
  ) { _, noise, rng in
    let t = 3 * Double.pi * (rng.uniform() - 0.5)
    let height = 2 * rng.uniform() - 1
    return Point(
      sin(t) + noise * rng.normal(), height + noise * rng.normal(),
      (t < 0 ? -1 : 1) * (cos(t) - 1) + noise * rng.normal(), factors: [t, height])
  }
}
