import Foundation
import Testing

/// `helmholtz verify` as a user and a program call it.
@Suite("helmholtz verify")
struct VerifyTests {
  private func json(_ finished: Finished) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
  }

  private static let plain: Set = ["identity", "left", "right", "holds", "terms"]

  @Test("JSON has identity, left, right, holds and terms, null where there are no two sides")
  func keys() throws {
    let cases: [(arguments: [String], terms: Set<String>, extra: String?, hasSides: Bool)] = [
      (
        ["lemma-1", "--generator", "1:1", "--data", "1:0:1", "--logit", "0.5,-1"],
        ["kl", "kl_gradient", "jsd", "jsd_gradient"], nil, true
      ),
      (["lemma-2"], ["constant", "left_gradient", "right_gradient", "gradient_difference"], nil, true),
      (
        ["optimal-discriminator", "--generator", "1:1", "--data", "1:0:1", "--at", "0,-.5"],
        ["kl", "kl_gradient", "jsd", "jsd_gradient"], "logit_at", true
      ),
      (["jsd-bound"], ["jsd", "kl", "log_normalizer", "kl_unnormalized"], nil, true),
      (["dirac-gan", "--objective", "minimax", "--theta", "1", "--psi", "1"], ["generator", "critic"], nil, false),
      (["conjugate", "--objective", "reverse-kl", "--at", "-.5"], ["value"], nil, true),
      (["importance-weights", "--logits", "-1,0"], ["effective_sample_size"], "weights", false),
    ]
    try Tool.run { tool in
      for (arguments, terms, extra, hasSides) in cases {
        let answer = try json(tool.succeed(["verify"] + arguments + ["--json"]))
        #expect(Set(answer.keys) == Self.plain.union(extra.map { [$0] } ?? []), "\(arguments)")
        #expect(answer["identity"] as? String == arguments[0])
        #expect(Set((answer["terms"] as? [String: Double] ?? [:]).keys) == terms, "\(arguments)")
        for side in ["left", "right"] {
          #expect(hasSides ? answer[side] is Double : answer[side] is NSNull, "\(arguments)")
        }
        #expect(hasSides ? answer["holds"] as? Bool == true : answer["holds"] is NSNull, "\(arguments)")
      }
      let best = try json(tool.succeed("verify", "optimal-discriminator", "--at", "0,-.5", "--json"))
      #expect(best["logit_at"] as? [String: Double] == ["0": 0.5, "-.5": 1])
      let weights = try json(tool.succeed("verify", "importance-weights", "--logits", "1e4,-1e4", "--json"))
      #expect(weights["weights"] as? [Double] == [1, 0])
    }
  }

  @Test("people see the identity, its parameters and both sides in 80 columns")
  func text() throws {
    try Tool.run { tool in
      #expect(
        try tool.succeed("verify", "conjugate").output == """
          what the critic pays on draws of p is f*(t) = sup_u (u t - f(u))

          --objective  kl
          --at         0.3
          left         0.496585
          right        0.496585
          holds        yes
          value        0.496585

          """)
      for name in ["lemma-1", "lemma-2", "optimal-discriminator", "jsd-bound", "dirac-gan", "importance-weights"] {
        #expect(try tool.succeed("verify", name).lines.allSatisfy { $0.count <= 80 }, "\(name)")
      }
      let weights = try tool.succeed("verify", "importance-weights", "--logits", "0,0,0,0")
      #expect(
        weights.lines.contains { $0.hasPrefix("effective_sample_size") && $0.hasSuffix("  4") }, "\(weights.output)")
      #expect(weights.lines.contains { $0.hasSuffix("  0.25 0.25 0.25 0.25") }, "\(weights.output)")
      let large = try tool.succeed("verify", "conjugate", "--objective", "pearson", "--at", "1e20")
      #expect(large.lines.contains { $0.hasPrefix("left ") && $0.hasSuffix("  2.5e+39") }, "\(large.output)")
      let given = try tool.succeed("verify", "jsd-bound", "--p", ".9,.1", "--q", ".1,.9", "--d", ".9,.1")
      #expect(given.lines.contains("holds            no") && !given.output.contains("--size"))
      #expect(try tool.succeed("verify", "--help").lines.allSatisfy { $0.count <= 80 })
    }
  }

  @Test("wrong numbers end with 1, options of another identity with 2, in a sentence")
  func refusals() throws {
    try Tool.run { tool in
      let wrong = try tool("verify", "lemma-1", "--generator", "1:0")
      #expect(wrong.status == 1 && wrong.errors == "Error: --generator: expected a standard deviation above 0, got 0\n")
      let unknown = try tool("verify", "lema-2")
      #expect(unknown.status == 1 && unknown.errors.hasSuffix("; did you mean 'lemma-2'?\n"), "\(unknown.errors)")
      let extra = try tool("verify", "lemma-1", "--psi", "1")
      #expect(extra.status == 2 && extra.output.isEmpty)
      #expect(
        extra.errors.hasPrefix(
          "Error: --psi has no effect: lemma-1 has --generator, --data, --logit\n"
            + "Usage: helmholtz verify "),
        "\(extra.errors)")
      #expect(extra.errors.hasSuffix("\n  See 'helmholtz verify --help' for more information.\n"), "\(extra.errors)")
      let far = try tool("verify", "conjugate", "--objective", "kl", "--at", "1e300")
      #expect(
        far.status == 1
          && far.errors == "Error: conjugate: both sides of kl are worked out from -1e+100 to 21, got 1e+300\n")
      #expect(try tool("verify").status == 2)
    }
  }
}
