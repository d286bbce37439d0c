import Foundation
import Generative
import Testing
import Training

@testable import Watch

@Suite("What the page tells of a run")
struct RunContentTests {
  private func entries(_ records: [LogRecord]) throws -> [MetricsLog.Entry] {
    try records.map { try MetricsLog.entry($0.json, number: 1, "log") }
  }

  @Test("settings that differ are told key by key, and those that only one run has")
  func difference() {
    let found = SettingsDifference.between(
      ["model": "vae", "training.epochs": "5", "latent.dimensions": "2"],
      ["model": "vae", "training.epochs": "9", "critic.layers": "3"])
    #expect(
      found == [
        .init(key: "critic.layers", this: nil, that: "3"), .init(key: "latent.dimensions", this: "2", that: nil),
        .init(key: "training.epochs", this: "5", that: "9"),
      ])
    #expect(SettingsDifference.between(["a": "1"], ["a": "1"]).isEmpty)
  }

  @Test("curves have the names, units and places of their keys")
  func curves() throws {
    let lines = try entries([
      LogRecord(
        kind: .train, step: 10, epoch: 1,
        values: [
          ("loss_nats", 3), ("critic_loss_nats", 2), ("kl_nats", 1), ("critic_saturated_fraction", 0.5),
          ("learning_rate", 1e-3), ("gradient_norm", 4), ("training_seconds", 2),
        ]),
      LogRecord(kind: .validation, step: 10, epoch: 1, values: [("bound_nats", -90)]),
      LogRecord(kind: .evaluation, split: "test", step: 10, values: [("elbo_nats", -91)]),
      LogRecord(kind: .train, step: 20, epoch: 2, values: [("loss_nats", .nan), ("kl_nats", 2)]),
    ])
    let curves = Curve.curves(of: lines)
    let told = curves.map { "\($0.key): \($0.name), \($0.unit), \($0.group.rawValue)" }
    #expect(
      told == [
        "train/critic_loss_nats: critic loss, nats, loss",
        "train/critic_saturated_fraction: critic saturated, fraction, term",
        "train/gradient_norm: gradient norm, , training", "train/kl_nats: kl, nats, term",
        "train/learning_rate: learning rate, , training", "train/loss_nats: loss, nats, loss",
        "validation/bound_nats: validation bound, nats, score",
      ])
    #expect(curves.first { $0.key == "train/kl_nats" }?.steps == [10, 20])
    #expect(curves.first { $0.key == "train/loss_nats" }?.values == [3])
  }

  @Test("a long curve is thinned without the loss of a spike")
  func thinned() throws {
    let values = (0..<5000).map { $0 == 3333 ? 100.0 : sin(Double($0)) }
    let curve = try Curve.curves(
      of: entries(values.enumerated().map { LogRecord(kind: .train, step: $0, values: [("x", $1)]) }))[0]
    let thin = curve.thinned(to: 400)
    #expect(thin.values.count <= 400 && thin.values.contains(100) && thin.steps.first == 0 && thin.steps.last == 4999)
    #expect(thin.steps.contains(3333) && thin.steps == thin.steps.sorted())
    #expect(curve.thinned(to: 5000) == curve)
  }

  @Test("health has the sentences of the report: saturation, collapse, bad numbers, stops")
  func health() throws {
    var health = RunHealth()
    let lines: [LogRecord] = [
      .init(kind: .train, step: 10, values: [(CriticSaturation.key, 0), (Spread.key, 1)]),
      .init(kind: .train, step: 20, values: [(CriticSaturation.key, 1), (Spread.key, 0.001), ("kl_nats", .infinity)]),
      .init(
        kind: .evaluation, split: "test", step: 20, values: [("is", 1)], warning: "samples have none of class 3"),
    ]
    #expect(health.findings((.finished, nil)).isEmpty && !health.isOfGame)
    for entry in try entries(lines) { health.note(entry) }
    #expect(health.isOfGame)
    #expect(
      health.findings((.failed, "no memory"), problems: ["metrics.jsonl: damaged"]) == [
        "It failed: no memory.", "kl_nats was not finite in 1 line of the log, first at step 20.",
        "The critic was saturated, |V| > 20 on 99 % of a batch, in 50 % of the rounds, first seen at step 20 and last "
          + "at step 20: log ratios that it tells are then guesses, and the approximate bound with them.",
        "The samples were constant, less than 1 % as varied as the data, in 1 of 2 lines of the log, first seen at "
          + "step 20 and last at step 20: the generator had collapsed.",
        "On the test split, samples have none of class 3.", "metrics.jsonl: damaged.",
      ])
    #expect(health.findings((.stalled, "it has written nothing for 9 minutes"))[0].hasPrefix("It is stalled: it has"))
    #expect(health.findings((.interrupted, nil))[0] == "It is interrupted: it can go on.")
  }

  @Test("the title of the page is text")
  func title() {
    let page = WatchPage.html(title: "<b>&\"", nonce: "n")
    #expect(page.contains("<h1>&lt;b&gt;&amp;&quot;</h1>") && !page.contains("<b>"))
    #expect(
      !page.contains("http://") || page.components(separatedBy: "http://").count == 2, "the name space of SVG alone")
    #expect(!page.contains("https://"))
  }
}
