import Foundation
import Testing
import Torch

/// Every `helmholtz metric` command, called as a user calls it, on arrays of a few numbers.
@Suite("helmholtz metric")
struct MetricCommandTests {
  /// A call and what it must print.
  struct Case: Sendable, CustomTestStringConvertible {
    let arguments: String
    let value: Double
    var more: [String: Double] = [:]
    var testDescription: String { arguments }
  }

  private static let values: [Case] = [
    // A shift of 5; sorted quantiles.
    Case(arguments: "wasserstein1 --x pair.npy --y shifted.npy", value: 5, more: ["n": 2, "m": 2, "dimension": 2]),
    Case(arguments: "wasserstein1 --x pair.npy --y one.npy --method sinkhorn", value: (1 + 2.0.squareRoot()) / 2),
    // One pair a side: 2 k(0) - 2 k(r), r = 2.
    Case(
      arguments: "mmd2 --x zero.npy --y two.npy --sigma 1 --estimator biased", value: 2 - 2 * exp(-2),
      more: ["sigma": 1]),
    Case(arguments: "mmd2 --x zero.npy --y two.npy --kernel imq --estimator biased", value: 2 - 2 / 5.0.squareRoot()),
    Case(arguments: "mmd2 --x zero.npy --y two.npy --kernel imq-wae --estimator biased", value: 2 - 2 * 2 / 6.0),
    Case(arguments: "mmd2 --x zero.npy --y two.npy --kernel infovae --estimator biased", value: 2 - 2 * exp(-4)),
    // 2 beta r + |u|^2.
    Case(arguments: "ksd --x two.npy --estimator biased --beta 0.7", value: 1.4 + 4, more: ["beta": 0.7]),
    // One particle follows its score.
    Case(arguments: "svgd --x two.npy --bandwidth 1 --out phi.npy", value: -2),
    // Distances 1, 1, 2 among 0 1 3; to 0.5, 10: 0.5, 0.5, 2.5.
    Case(
      arguments: "kl-knn --x line.npy --y other.npy",
      value: (log(0.5) + log(0.5) + log(1.25)) / 3 + log(2.0 / 2), more: ["k": 1]),
    // Means 0.5 and 3.5, variances 0.5 and 4.5.
    Case(arguments: "fid --x column.npy --y wide.npy", value: 9 + 0.5 + 4.5 - 2 * (0.5 * 4.5).squareRoot()),
    // Kernels 1 in x, (10 + 1)^3 in y; between 1, 1, 3^3, 6^3.
    Case(arguments: "kid --x column.npy --y wide.npy", value: 1 + 1331 - 2 * (1 + 1 + 27 + 216) / 4.0),
    Case(
      arguments: "prdc --x reals.npy --y fakes.npy --k 1", value: 1,
      more: ["recall": 0.5, "density": 1, "coverage": 0.5]),
    Case(arguments: "inception-score --x classes.npy --splits 1", value: 2, more: ["classes": 2]),
    Case(arguments: "logdet-cov --x column.npy", value: log(0.5)),
    // Both rows know themselves alone: log 2, the most there is.
    Case(
      arguments: "mutual-information --mu wide.npy --logvar cold.npy --z wide.npy", value: log(2),
      more: ["largest_possible": log(2)]),
    Case(arguments: "class-ce --x counts.npy", value: -(log(1.5) + log(0.5)) / 2, more: ["entropy_of_y": log(2)]),
    // Two classes on a line, one of four test rows on the wrong side.
    Case(arguments: "knn-probe \(probe) --k 1", value: 0.25, more: ["train_n": 4, "test_n": 4, "classes": 2]),
    Case(arguments: "linear-probe \(probe)", value: 0.25),
    Case(arguments: "svm-probe \(probe) --kernel linear --C 1", value: 0.25),
    Case(arguments: "pca --x pair.npy --dim 1 --out scores.npy", value: 1, more: ["components": 1]),
    Case(arguments: "trustworthiness --x line4.npy --y swapped.npy --k 1", value: 1 - 2.0 / 16 * 7),
    // The code is the factor.
    Case(arguments: "disentanglement --x codes.npy --y factors.npy", value: 1, more: ["dci_disentanglement": 1]),
    // mu^2 / 2 in two dimensions of variance 1.
    Case(arguments: "gaussian-kl --mu pair.npy --logvar zeros.npy", value: (0 + 0.5) / 2, more: ["n": 2]),
    Case(
      arguments: "gaussian-kl --mu pair.npy --logvar zeros.npy --mu2 shifted.npy --logvar2 zeros.npy", value: 12.5),
    Case(arguments: "gaussian-logprob --x pair.npy --mu pair.npy --logvar zeros.npy", value: -log(2 * Double.pi)),
    Case(arguments: "bernoulli-logprob --x bits.npy --logits zeros.npy", value: -2 * log(2)),
    Case(arguments: "categorical-logprob --x labels.npy --logits zeros.npy", value: -log(2)),
    // A logistic at -1 of scale e^-7: all below the edge of the lowest level.
    Case(
      arguments: "dmol-logprob --x image.npy --params params.npy --mixtures 1", value: -log1p(exp(-exp(7) / 255)),
      more: ["levels": 256]),
  ]

  private static let probe = "--train-x tx.npy --train-y ty.npy --test-x sx.npy --test-y sy.npy"

  private static func write(_ tool: Tool) throws {
    func rows(_ name: String, _ rows: [[Double]]) throws {
      try Tensor(rows.flatMap(\.self), shape: [rows.count, rows.first?.count ?? 0]).writeNPY(to: tool.path(name))
    }
    try rows("pair.npy", [[0, 0], [1, 0]])
    try rows("shifted.npy", [[3, 4], [4, 4]])
    try rows("one.npy", [[0, 1]])
    try rows("zero.npy", [[0]])
    try rows("two.npy", [[2]])
    try rows("line.npy", [[0], [1], [3]])
    try rows("other.npy", [[0.5], [10]])
    try rows("column.npy", [[0], [1]])
    try rows("wide.npy", [[2], [5]])
    try rows("cold.npy", [[-40], [-40]])
    try rows("reals.npy", [[0], [1], [3], [8]])
    try rows("fakes.npy", [[2], [3], [12]])
    try rows("classes.npy", [[1, 0], [0, 1]])
    try rows("counts.npy", [[30], [10]])
    try rows("tx.npy", [[-3], [-2], [2], [3]])
    try rows("ty.npy", [[7], [7], [9], [9]])
    try rows("sx.npy", [[-3.5], [-2.4], [2.4], [-2.2]])
    try rows("sy.npy", [[7], [7], [9], [9]])
    try rows("line4.npy", [[0], [1], [3], [7]])
    try rows("swapped.npy", [[0], [7], [3], [1]])
    try rows("factors.npy", [[0, 0], [0, 1], [1, 0], [1, 1]])
    try rows("codes.npy", [[-1, 0], [-1, -2], [2, 0], [2, -2]])
    try rows("zeros.npy", [[0, 0], [0, 0]])
    try rows("bits.npy", [[0, 1], [1, 1]])
    try rows("labels.npy", [[0], [1]])
    try Tensor((0..<20).flatMap { [Double($0), Double($0 * $0 % 7)] }, shape: [20, 2]).writeNPY(
      to: tool.path("points.npy"))
    try Tensor.ones([20, 2], dtype: .float64).writeNPY(to: tool.path("same.npy"))
    try rows("nan.npy", [[0, .nan], [1, 0]])
    try RandomSource(seed: 8).normal([250, 2]).writeNPY(to: tool.path("gauss.npy"))
    try (RandomSource(seed: 9).normal([200, 2]) + 40).writeNPY(to: tool.path("far.npy"))
    try (RandomSource(seed: 9).normal([200, 2]) + 1).writeNPY(to: tool.path("moved.npy"))
    try rows("three.npy", [[0, 0, 1], [1, 0, 0]])
    try Tensor.zeros([0, 2], dtype: .float64).writeNPY(to: tool.path("empty.npy"))
    try Tensor([-1.0], shape: [1, 1, 1, 1]).writeNPY(to: tool.path("image.npy"))
    try Tensor([0, -1, -7.0], shape: [1, 3, 1, 1]).writeNPY(to: tool.path("params.npy"))
  }

  /// One line of shell per call; starting a shell once saves most of the time.
  private static func run(_ calls: [String]) throws -> [Finished] {
    try Tool.run { tool in
      try write(tool)
      let lines = calls.enumerated().map { "\"$TOOL\" metric \($1) >\($0).out 2>\($0).err; echo $? >\($0).code" }
      #expect(try tool.shell(lines.joined(separator: "\n")).status == 0)
      return try calls.indices.map {
        Finished(
          status: Int(try tool.text("\($0).code").dropLast()) ?? -1, output: try tool.text("\($0).out"),
          errors: try tool.text("\($0).err"))
      }
    }
  }

  @Test("every metric prints its value by closed form, and its conventions, as JSON")
  func closedForms() throws {
    let results = try Self.run(Self.values.map { $0.arguments + " --json" })
    for (expected, finished) in zip(Self.values, results) {
      #expect(finished.status == 0 && finished.errors.isEmpty, "\(expected.arguments): \(finished.errors)")
      let fields = try #require(
        try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any], "\(expected.arguments)")
      #expect(fields["metric"] as? String == String(expected.arguments.prefix { $0 != " " }))
      for (key, wanted) in expected.more.merging(["value": expected.value], uniquingKeysWith: { $1 }) {
        let found = (fields[key] as? NSNumber)?.doubleValue ?? .nan
        #expect(
          abs(found - wanted) <= 1e-9 * max(1, abs(wanted)), "\(expected.arguments): \(key) \(found), not \(wanted)")
      }
    }
  }

  @Test("a map of 20 rows is written, with its divergence and its trustworthiness")
  func map() throws {
    try Tool.run { tool in
      try Self.write(tool)
      let shown = try tool.succeed(
        "metric", "tsne", "--x", "points.npy", "--perplexity", "3", "--out", "map.npy", "--json")
      let fields = try #require(try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any])
      #expect((fields["value"] as? Double ?? -1) > 0)
      #expect((fields["trustworthiness"] as? Double ?? 0) > 0.8)
      // A header of 128 bytes and 20 points.
      #expect(try tool.bytes("map.npy").count == 128 + 20 * 2 * 8)
      let table = try tool.succeed("metric", "logdet-cov", "--x", "column.npy")
      #expect(table.lines.first?.split(separator: " ") == ["logdet-cov", "-0.6931471806"])
    }
  }

  @Test("critics print a value with its conventions, answer at points, and warn where they saturate")
  func critics() throws {
    try Tool.run { tool in
      try Self.write(tool)
      func fields(_ arguments: String) throws -> (fields: [String: Any], errors: String) {
        let finished = try tool.succeed(["metric"] + arguments.split(separator: " ").map(String.init) + ["--json"])
        let object = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
        return (try #require(object as? [String: Any]), finished.errors)
      }
      let sets = "--x moved.npy --y gauss.npy --threads 1"
      let kl = try fields("kl-critic \(sets) --objective jensen-shannon --at pair.npy --out ratio.npy")
      // KL is 1; half of 200 rows tell little of it.
      let value = try #require(kl.fields["value"] as? Double)
      #expect(value > 0.1 && value < 2 && kl.errors.isEmpty, "\(value)")
      #expect(kl.fields["metric"] as? String == "kl-critic" && kl.fields["unit"] as? String == "nats")
      #expect(kl.fields["held_out"] as? Int == 450 && kl.fields["dimension"] as? Int == 2)
      #expect((kl.fields["standard_error"] as? Double ?? 0) > 0.05 && kl.fields["saturated"] as? String == "no")
      // A header of 128 bytes and 2 numbers.
      #expect(try tool.bytes("ratio.npy").count == 128 + 2 * 8)
      let js = try fields("divergence-critic \(sets) --objective jensen-shannon --at pair.npy --out v.npy")
      #expect((js.fields["value"] as? Double ?? 1) < log(2))
      #expect(try tool.bytes("v.npy") == tool.bytes("ratio.npy"))
      let far = try fields("kl-critic --x far.npy --y gauss.npy --objective kl --threads 1")
      let warning =
        "the critic saturates: it tells x from y all but always, and draws say no more about how large log x/y is; "
        + "a KL is a lower estimate"
      #expect(far.fields["note"] as? String == warning && far.errors == "kl-critic: \(warning)\n", "\(far)")
      #expect((far.fields["value"] as? Double ?? 0) > 3 && far.fields["saturated"] as? String == "yes")
    }
  }

  @Test("a bound of information says what it bounds, with the entropy and without it")
  func informationBound() throws {
    try Tool.run { tool in
      let x = RandomSource(seed: 1).normal([4000, 2], dtype: .float64)
      try x.writeNPY(to: tool.path("x.npy"))
      try (x + RandomSource(seed: 2).normal([4000, 2], dtype: .float64) * 0.5).writeNPY(to: tool.path("u.npy"))
      func fields(_ more: String...) throws -> [String: Any] {
        let call = ["metric", "mi-bound", "--x", "x.npy", "--u", "u.npy", "--steps", "50", "--hidden", "16,16"]
        let found = try tool.succeed(call + more + ["--json"])
        return try #require(try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any])
      }
      let (bare, whole) = (try fields(), try fields("--entropy", "2.837877", "--threads", "1"))
      let (up, value) = (try #require(bare["value"] as? Double), try #require(whole["value"] as? Double))
      let error = try #require(whole["standard_error"] as? Double)
      #expect(abs(value - 1.609438) < 4 * error + 0.02 && abs(value - up - 2.837877) < 1e-3, "\(value) \(up)")
      #expect(bare["bound"] as? String == "I(X; U) >= H(X) + value" && bare["entropy"] is NSNull)
      #expect(whole["bound"] as? String == "I(X; U) >= value" && whole["entropy"] as? Double == 2.837877)
      #expect(whole["unit"] as? String == "nats" && whole["mean"] as? String == "line + MLP 2-16-16-2")
      #expect(whole["held_out"] as? Int == 2000 && whole["n"] as? Int == 4000)
      for (arguments, status, message) in [
        (["--hidden", "0"], 2, "The value '0' is invalid for '--hidden <n,...>'"),
        (["--steps", "0"], 2, "--steps: expected 1 to 1000000, got 0"),
        (["--entropy", "nan"], 2, "--entropy: expected a finite number, got nan"),
        (["--key", "x"], 1, "--key: expected a .npz, .mat, .safetensors or .csv file to take 'x' of, got none"),
      ] {
        let refused = try tool(["metric", "mi-bound", "--x", "x.npy", "--u", "u.npy"] + arguments)
        #expect(refused.status == status && refused.errors.hasPrefix("Error: \(message)"), "\(refused.errors)")
      }
    }
  }

  /// A call, the code it must leave with and the message after "Error: ".
  private static let refused: [(arguments: String, status: Int, message: String)] = [
    (
      "wasserstein1 --x pair.npy --y three.npy", 1,
      "wasserstein1: expected rows of equal length, got shapes [2, 2] and [2, 3]"
    ),
    ("wasserstein1 --x empty.npy --y pair.npy", 1, "'empty.npy': expected at least 1 rows, got shape [0, 2]"),
    (
      "wasserstein1 --x pair.npy --y pair.npy --method guess", 2,
      "The value 'guess' is invalid for '--method <method>'. Please provide one of 'exact' and 'sinkhorn'."
    ),
    (
      "wasserstein1 --x pair.npy --y one.npy --method sinkhorn --epsilon=-1", 1,
      "wasserstein1: expected an epsilon above 0, got -1.0"
    ),
    ("mmd2 --x pair.npy --y pair.npy", 2, "the kernel gaussian needs --sigma, a number or 'median'"),
    ("mmd2 --x pair.npy --y pair.npy --kernel imq --sigma 1", 2, "--sigma does not belong to the kernel imq"),
    (
      "mmd2 --x zero.npy --y two.npy --sigma 1", 1,
      "mmd2: expected x of at least 2 rows of at least 1 number, got shape [1, 1]"
    ),
    ("ksd --x nan.npy", 1, "'nan.npy': expected finite numbers, got some that are not"),
    (
      "ksd --x pair.npy --kernel rbf", 2,
      "The value 'rbf' is invalid for '--kernel <kernel>'. Please provide one of 'imq'."
    ),
    (
      "svgd --x same.npy --out phi.npy", 1,
      "median distance: it is 0, for more than half of the pairs are of equal points; give a number"
    ),
    (
      "kl-knn --x pair.npy --y pair.npy", 1,
      "kl-knn: row 0 of x equals 1 or more other rows of x or of y, and a distance of 0 has no logarithm; "
        + "remove the duplicates or take a larger k"
    ),
    (
      "kl-critic --x pair.npy --y pair.npy --objective kl", 1,
      "kl-critic: expected at least 100 rows of at least 1 number, got shape [2, 2]"
    ),
    (
      "kl-critic --x pair.npy --y three.npy --objective kl", 1,
      "kl-critic: expected at least 100 rows of at least 1 number, got shape [2, 2]"
    ),
    (
      "kl-critic --x nan.npy --y pair.npy --objective kl", 1,
      "'nan.npy': expected finite numbers, got some that are not"
    ),
    (
      "kl-critic --x gauss.npy --y gauss.npy --objective kl --at three.npy --out t.npy", 1,
      "'three.npy': expected points of 2 columns as x has, got 3"
    ),
    ("kl-critic --x pair.npy --y pair.npy --objective kl --at pair.npy", 2, "--at and --out are given together"),
    ("divergence-critic --x pair.npy --y pair.npy --objective kl --out t.npy", 2, "--at and --out are given together"),
    (
      "kl-critic --x pair.npy --y pair.npy --objective helinger", 2,
      "--objective: expected one of jensen-shannon, non-saturating, minimax, kl, reverse-kl, pearson, hellinger, "
        + "wasserstein, least-squares, hinge, got 'helinger'; did you mean 'hellinger'?"
    ),
    (
      "kl-critic --x pair.npy --y pair.npy --objective wasserstein", 2,
      "--objective: expected one whose critic tells log x/y (jensen-shannon, non-saturating, minimax, kl, reverse-kl, "
        + "pearson, hellinger), got wasserstein; divergence-critic gives its own divergence"
    ),
    ("kl-critic --x pair.npy --y pair.npy", 2, "Missing expected argument '--objective <objective>'"),
    ("fid --x one.npy --y pair.npy", 1, "'one.npy': expected at least 2 rows, got shape [1, 2]"),
    ("kid --x pair.npy --y pair.npy --subsets=-1", 2, "--subsets: expected 0 or more, got -1"),
    ("prdc --x pair.npy --y pair.npy", 1, "prdc: expected k of 1 to 1 for 2 and 2 rows, got 5"),
    (
      "inception-score --x pair.npy --splits 1", 1,
      "inception-score: row 0: expected probabilities that sum to 1, got the sum 0.0"
    ),
    ("logdet-cov --x one.npy", 1, "'one.npy': expected at least 2 rows, got shape [1, 2]"),
    (
      "mutual-information --mu pair.npy --logvar pair.npy --z three.npy", 1,
      "mutual-information: expected z of the shape of mu, [2, 2], got [2, 3]"
    ),
    (
      "mi-bound --x gauss.npy --u moved.npy", 1,
      "mi-bound: expected a row of u for each row of x, got 250 of x and 200 of u"
    ),
    (
      "mi-bound --x points.npy --u same.npy", 1,
      "mi-bound: expected at least 100 rows, 100 and 10 for each of the 2 numbers of u, got 20"
    ),
    ("class-ce --x counts.npy --y labels3.npy", 1, "'labels3.npy': No such file or directory"),
    ("knn-probe \(probe) --k 5", 1, "knn-probe: expected k from 1 to the 4 training rows, got 5"),
    ("linear-probe \(probe) --l2=-1", 1, "linear-probe: expected l2 >= 0, got -1.0"),
    ("svm-probe \(probe) --kernel linear --C 1 --gamma 1", 2, "--gamma belongs to --kernel rbf."),
    ("svm-probe \(probe) --kernel rbf --C 0", 1, "svm-probe: expected C > 0, got 0.0"),
    ("pca --x pair.npy --dim 3 --out scores.npy", 1, "pca: expected 1 to 2 components of shape [2, 2], got 3"),
    ("tsne --x same.npy --perplexity 3 --out map.npy", 1, "tsne: expected rows that differ, got 20 equal ones"),
    (
      "trustworthiness --x line4.npy --y swapped.npy", 1,
      "trustworthiness: expected k from 1 to below half of the 4 rows, got 12"
    ),
    (
      "disentanglement --x pair.npy --y zeros.npy", 1,
      "disentanglement: expected factors that vary, got a constant in column 0"
    ),
    ("gaussian-kl --mu pair.npy --logvar zeros.npy --mu2 pair.npy", 2, "--mu2 and --logvar2 are given together"),
    (
      "gaussian-logprob --x pair.npy --mu three.npy --logvar pair.npy", 1,
      "gaussian-logprob: expected mu of the shape of x, [2, 2], got [2, 3]"
    ),
    ("bernoulli-logprob --x shifted.npy --logits zeros.npy", 1, "bernoulli-logprob: expected x in [0, 1]"),
    (
      "categorical-logprob --x wide.npy --logits zeros.npy", 1,
      "categorical-logprob: expected whole class numbers from 0 to 1"
    ),
    (
      "dmol-logprob --x image.npy --params params.npy --mixtures 2", 1,
      "dmol-logprob: expected params of shape [1, 6, 1, 1], got [1, 3, 1, 1]"
    ),
    ("logdet-cov", 2, "Missing expected argument '--x <x>'"),
  ]

  @Test("what cannot be measured is refused in one line, with 1 for data and 2 for a wrong call")
  func refusals() throws {
    let results = try Self.run(Self.refused.map(\.arguments))
    for (expected, finished) in zip(Self.refused, results) {
      #expect(finished.status == expected.status, "\(expected.arguments): \(finished.errors)")
      #expect(finished.output.isEmpty, "\(expected.arguments)")
      let first = finished.errors.split(separator: "\n").first.map(String.init)
      #expect(first == "Error: " + expected.message, "\(expected.arguments)")
      #expect(expected.status == 2 || finished.errors.split(separator: "\n").count == 1, "\(expected.arguments)")
    }
  }
}
