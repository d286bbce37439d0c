import Foundation
import TestSupport
import Testing
import Torch

@Suite("Processes that share a batch")
struct PeersTests {
  /// Runs `body` as each of `count` peers, on a thread each, and returns what they returned.
  private func gather<Result: Sendable>(
    _ count: Int, sharesNorms: Bool = true, _ body: @escaping @Sendable (Peers) throws -> Result
  ) throws -> [Result] {
    let server = try PeerStore(host: "127.0.0.1", port: 0, isServer: true)
    let results = Collected<Result>()
    let threads = (0..<count).map { rank in
      Thread {
        results.note(rank) {
          let store = try PeerStore(host: "127.0.0.1", port: server.port, isServer: false)
          return try body(Peers(store, rank: rank, count: count, sharesNorms: sharesNorms))
        }
      }
    }
    for thread in threads { thread.start() }
    return try results.wait(for: count)
  }

  @Test("draws that name the axis of examples are the rows of what one process draws", arguments: [2, 3])
  func draws(_ count: Int) throws {
    @Sendable func draw(_ rows: Int) -> [Tensor] {
      let rng = RandomSource(seed: 5)
      let p = Tensor.full([rows, 2], 0.5)
      return [
        rng.normal([rows, 3], rows: 0), rng.uniform([4, rows, 3], rows: -2), rng.bernoulli(p, rows: 0),
        rng.normal([5]), Peers.behindRows(1) { rng.normal([rows, 7, 2], dtype: .float64, rows: -2) },
      ]
    }
    let whole = draw(2 * count)
    let own = try gather(count) { peers in peers.share { draw(2) } }
    for (rank, own) in own.enumerated() {
      let range = rank * 2..<rank * 2 + 2
      for (index, axis) in [(0, 0), (1, 1), (2, 0), (4, 0)] {
        #expect(own[index].contiguous().isEqual(to: whole[index].narrowed(axis, range).contiguous()), "draw \(index)")
      }
      #expect(own[3].isEqual(to: whole[3]))
    }
  }

  @Test("what is gathered and averaged has the values and gradients of the whole batch", arguments: [2, 3])
  func gathering(_ count: Int) throws {
    let data = RandomSource(seed: 1).normal([2 * count, 3], dtype: .float64)
    // A loss of all pairs and one of each row, and of the mean.
    @Sendable func loss(_ z: Tensor, _ own: Tensor) -> Tensor {
      let all = Peers.gathered(z)
      let pairs = (all.unsqueezed(0) - all.unsqueezed(1)).square().sum(-1).exp().mean()
      return pairs + own.square().sum(-1).mean() + Peers.mean(own.mean(0)).pow(3).sum()
    }
    let weight = Tensor([0.3, -0.2, 0.5]).requiringGradient()
    let whole = loss(data * weight, data * weight)
    let expected = gradients(of: whole, in: [weight])[0]
    let found = try gather(count) { peers in
      let weight = Tensor([0.3, -0.2, 0.5]).requiringGradient()
      let z = data.narrowed(0, peers.range(2)) * weight
      let value = peers.share { loss(z, z) }
      let gradient = gradients(of: value, in: [weight])[0]
      try peers.average([gradient])
      return (try peers.averages([value.item()])[0], gradient)
    }
    for (value, gradient) in found {
      expectClose(value, whole.item(), relative: 1e-12)
      expectClose(gradient, expected, relative: 1e-10)
    }
  }

  @Test("batch norm has the moments of the whole batch, to the second derivative", arguments: [true, false])
  func batchNorm(_ sharesNorms: Bool) throws {
    let data = RandomSource(seed: 2).normal([4, 3, 2, 2], dtype: .float64)
    @Sendable func loss(_ norm: BatchNorm, _ x: Tensor) -> (Tensor, Tensor) {
      let leaf = x.detached().requiringGradient()
      let y = TrainingMode.run { norm(leaf) }.tanh()
      let slope = gradients(of: y.sum(), in: [leaf], createGraph: true)[0]
      return (y.square().mean() + slope.square().mean(), norm.variance.value)
    }
    @Sendable func norm() -> BatchNorm {
      let norm = BatchNorm(3)
      norm.convert(to: .float64)
      norm.weight.value.detached().copyInPlace(Tensor([1, 2, 0.5]))
      return norm
    }
    let one = norm()
    let (whole, variance) = loss(one, data)
    let expected = gradients(of: whole, in: [one.weight.value])[0]
    let found = try gather(2, sharesNorms: sharesNorms) { peers in
      let norm = norm()
      // The loss sums over rows, of which each process has half.
      let (value, variance) = peers.share { loss(norm, data.narrowed(0, peers.range(2))) }
      let gradient = gradients(of: value, in: [norm.weight.value])[0]
      try peers.average([gradient])
      return (gradient, variance)
    }
    for (gradient, own) in found {
      let difference = (gradient - expected).square().sum().item() + (own - variance).square().sum().item()
      #expect(sharesNorms ? difference < 1e-20 : difference > 1e-6, "\(difference)")
    }
  }

  @Test("outside the scope, and in a scope of one's own, nothing is shared")
  func alone() throws {
    _ = try gather(2) { peers in
      let x = Tensor([Double(peers.rank)])
      #expect(Peers.gathered(x).count == 1)
      peers.share {
        #expect(Peers.gathered(x).array(Double.self) == [0, 1])
        #expect(Peers.ownRows(Peers.gathered(x)).array(Double.self) == [Double(peers.rank)])
        Peers.alone { #expect(Peers.gathered(x).count == 1) }
      }
      let (somebody, nobody) = (try peers.any(peers.rank == 1), try peers.any(false))
      #expect(somebody && !nobody)
      let first = try peers.first(Double(peers.rank) + 5)
      #expect(first == 5)
    }
  }

  @Test("nobody at the meeting place is an error with its address")
  func unreachable() {
    #expect(throws: PeersError.self) {
      _ = try PeerStore(host: "127.0.0.1", port: 9, isServer: false, seconds: 1)
    }
  }
}

/// What threads leave for the one that waits.
private final class Collected<Value: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var found: [Int: Result<Value, any Error>] = [:]

  func note(_ index: Int, _ body: () throws -> Value) {
    let result = Result { try body() }
    condition.withLock {
      found[index] = result
      condition.broadcast()
    }
  }

  func wait(for count: Int) throws -> [Value] {
    try condition.withLock {
      while found.count < count { condition.wait() }
      return try (0..<count).map { try found[$0]!.get() }
    }
  }
}
