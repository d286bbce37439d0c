import Foundation
import Probability
import TestSupport
import Testing
import Torch

@Suite("Potentials of the plane") struct PotentialTests {
  /// Table 1 of Rezende & Mohamed 2015 by ordinary numbers, with the wall.
  private static func energy(_ name: String, _ z1: Double, _ z2: Double) -> Double {
    func bell(_ x: Double, _ scale: Double) -> Double { exp(-0.5 * pow(x / scale, 2)) }
    let w1 = sin(2 * .pi * z1 / 4)
    let wall = abs(z1) > 4 ? 0.5 * pow((abs(z1) - 4) / 0.4, 2) : 0
    switch name {
    case "u1": return 0.5 * pow((hypot(z1, z2) - 2) / 0.4, 2) - log(bell(z1 - 2, 0.6) + bell(z1 + 2, 0.6))
    case "u2": return 0.5 * pow((z2 - w1) / 0.4, 2) + wall
    case "u3": return -log(bell(z2 - w1, 0.35) + bell(z2 - w1 + 3 * bell(z1 - 1, 0.6), 0.35)) + wall
    default: return -log(bell(z2 - w1, 0.4) + bell(z2 - w1 + 3 / (1 + exp(-(z1 - 1) / 0.3)), 0.35)) + wall
    }
  }

  @Test("energies are those of the table, and log densities are their negatives", arguments: Potential.all.indices)
  func table(_ index: Int) {
    let potential = Potential.all[index]
    #expect(potential.name == "u\(index + 1)")
    let z = RandomSource(seed: 3).normal([4, 50, 2], dtype: .float64) * 2.5
    let points = z.array(Double.self)
    let expected = stride(from: 0, to: points.count, by: 2).map {
      Self.energy(potential.name, points[$0], points[$0 + 1])
    }
    let energies = potential.energy(z)
    #expect(energies.shape == [4, 50])
    expectClose(energies, expected, absolute: 1e-10)
    expectClose(potential.logDensity(z), -energies, absolute: 0)
  }

  @Test("far from all mass energy and gradient are finite in single precision", arguments: Potential.all.indices)
  func far(_ index: Int) {
    let z = Tensor([30, -30, -20, 25, 0.0, 40, 9, 0], shape: [4, 2]).to(.float32).requiringGradient()
    let energy = Potential.all[index].energy(z)
    #expect(energy.isFinite().all().item() == 1)
    #expect(gradients(of: energy.sum(), in: [z])[0].isFinite().all().item() == 1)
  }

  /// The ridges have one cross section at every z1, and along z1 a plateau of 8 between halves of a bell.
  private static let length = 8 + 0.4 * (2 * Double.pi).squareRoot()

  private static func ridges(_ scales: Double...) -> Double {
    log(length * scales.reduce(0, +) * (2 * Double.pi).squareRoot())
  }

  /// The ring in polar coordinates: another grid, of other errors.
  private static var ring: Double {
    let (radii, angles) = (4000, 2000)
    var sum = 0.0
    for i in 0..<radii {
      let r = (Double(i) + 0.5) * 8 / Double(radii)
      for j in 0..<angles {
        let angle = (Double(j) + 0.5) * 2 * .pi / Double(angles)
        sum += r * exp(-energy("u1", r * cos(angle), r * sin(angle)))
      }
    }
    return log(sum * 8 / Double(radii) * 2 * .pi / Double(angles))
  }

  @Test("log Z is that of the closed form, or of polar coordinates")
  func normalizers() {
    expectClose(Potential.u1.logNormalizer(), Self.ring, absolute: 1e-6)
    expectClose(Potential.u2.logNormalizer(), Self.ridges(0.4), absolute: 1e-6)
    expectClose(Potential.u3.logNormalizer(), Self.ridges(0.35, 0.35), absolute: 1e-6)
    expectClose(Potential.u4.logNormalizer(), Self.ridges(0.4, 0.35), absolute: 1e-6)
  }

  @Test("log Z stays where it is on a finer grid and on a larger square", arguments: Potential.all.indices)
  func refined(_ index: Int) {
    let potential = Potential.all[index]
    let value = potential.logNormalizer()
    expectClose(potential.logNormalizer(spacing: 0.013), value, absolute: 1e-6)
    expectClose(potential.logNormalizer(half: 9), value, absolute: 1e-6)
  }

  @Test("log Z of a Gaussian potential is its closed form to rounding")
  func gaussian() {
    let potential = Potential(name: "gaussian") { z in
      ((z - Tensor([0.5, -1])) / Tensor([0.7, 1.1])).square().sum(-1) * 0.5 - 3
    }
    expectClose(potential.logNormalizer(half: 12), log(2 * .pi * 0.7 * 1.1) + 3, absolute: 1e-12)
  }
}
