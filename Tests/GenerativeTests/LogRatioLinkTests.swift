import Generative
import TestSupport
import Testing
import Torch

@Suite("The link of a critic to log q/p")
struct LogRatioLinkTests {
  @Test("the critic of a log ratio tells that ratio again", arguments: AdversarialObjective.allCases)
  func inverse(objective: AdversarialObjective) throws {
    let ratios = Tensor([-3, -0.5, 0, 1, 4.0])
    guard objective.tellsLogRatio else {
      #expect(objective.critic(logRatio: ratios) == nil)
      #expect([.wasserstein, .leastSquares, .hinge].contains(objective))
      return
    }
    let critic = try #require(objective.critic(logRatio: ratios))
    expectClose(try #require(objective.logRatio(critic)), ratios, absolute: 1e-12)
  }
}
