import Generative
import Testing
import Torch

@Suite("Critics that are sure") struct CriticSaturationTests {
  @Test("a critic is saturated from 99 % of a batch beyond 20 on, either side")
  func batches() {
    func isSaturated(_ sure: Int, of count: Int, at logit: Float = 20.5) -> Bool {
      let values = (0..<count).map { $0 < sure ? ($0.isMultiple(of: 2) ? logit : -logit) : 0 }
      return CriticSaturation.isSaturated(Logits(Tensor(values))).item() == 1
    }
    #expect(isSaturated(99, of: 100) && isSaturated(100, of: 100) && isSaturated(2, of: 2))
    #expect(!isSaturated(98, of: 100) && !isSaturated(100, of: 100, at: 20))
  }

  @Test("the log has the share of rounds, and words name it")
  func words() {
    let term = CriticSaturation.term(Logits(Tensor([30.0, -30])))
    #expect(term.key == "critic_saturated_fraction" && term.key == CriticSaturation.key && term.value.item() == 1)
    #expect(CriticSaturation.warning([(CriticSaturation.key, 0)], step: 100) == nil)
    #expect(CriticSaturation.warning([("bound_nats", 1)], step: 100) == nil)
    #expect(
      CriticSaturation.warning([(CriticSaturation.key, 0.25)], step: 100)
        == "step 100: the critic is saturated: |V| > 20 on 99 % of a batch in 25 % of the last rounds")
    #expect(CriticSaturation.summary([(100, 0), (200, 0)]) == nil)
    #expect(
      CriticSaturation.summary([(100, 0), (200, 1), (300, 0.5), (400, 0)])
        == "The critic was saturated, |V| > 20 on 99 % of a batch, in 38 % of the rounds, first seen at step 200 and last "
        + "at step 300: log ratios that it tells are then guesses, and the approximate bound with them.")
  }
}
