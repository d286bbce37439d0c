import Foundation
import TestSupport
import Testing
import Torch

/// x = W z + b + s noise: exact evidence through files that another program could have written.
@Suite("Likelihoods of decoders that were trained elsewhere")
struct LikelihoodTests {
  private static let w = [0.8, -1.2, 0.5]
  private static let b = [0.1, 0.4, -0.3]
  private static let scale = 0.7

  private struct Result: Decodable {
    let metric, method: String
    let value: Double
    let n: Int
  }

  private static let arch = """
    {"likelihood": "gaussian", "scale": 0.7,
     "decoder": [{"weight": "dec.weight", "bias": "dec.bias"}],
     "encoder": [{"weight": "mu.weight", "bias": "mu.bias", "output": "mean"},
                 {"weight": "lv.weight", "bias": "lv.bias", "output": "log_variance"}]}
    """

  /// Files in the tool's directory; the exact evidence of each row.
  private func prepare(_ tool: Tool, arch: String = arch) throws -> [Double] {
    let s2 = Self.scale * Self.scale
    let precision = 1 + Self.w.reduce(0) { $0 + $1 * $1 } / s2
    // A posterior that is a little off.
    let gain = Self.w.map { 0.9 * $0 / (s2 * precision) }
    let offset = -zip(gain, Self.b).reduce(0) { $0 + $1.0 * $1.1 }
    try Safetensors(tensors: [
      "dec.weight": Tensor(Self.w, shape: [3, 1]), "dec.bias": Tensor(Self.b),
      "mu.weight": Tensor(gain, shape: [1, 3]),
      "mu.bias": Tensor([offset]), "lv.weight": .zeros([1, 3], dtype: .float64),
      "lv.bias": Tensor([-log(precision) + 0.2]),
    ]).write(to: tool.path("w.safetensors"))
    try Data(arch.utf8).write(to: URL(fileURLWithPath: tool.path("arch.json")))
    let x = [0.3, -0.2, 1.1, 1.5, -1, 0, -0.4, 2, -0.6, 0, 0, 0.0]
    try Tensor(x, shape: [4, 3]).writeNPY(to: tool.path("x.npy"))
    return stride(from: 0, to: 12, by: 3).map { start in
      let d = zip(x[start..<start + 3], Self.b).map { $0 - $1 }
      let along = zip(Self.w, d).reduce(0) { $0 + $1.0 * $1.1 }
      let square = d.reduce(0) { $0 + $1 * $1 } / s2 - along * along / (s2 * s2 * precision)
      return -0.5 * (3 * log(2 * .pi) + 3 * log(s2) + log(precision) + square)
    }
  }

  private static let command = ["loglik", "--weights", "w.safetensors", "--arch", "arch.json", "--x", "x.npy"]

  private func result(_ tool: Tool, _ more: String...) throws -> Result {
    try JSONDecoder().decode(
      Result.self, from: Data(tool.succeed(Self.command + more + ["--json"]).output.utf8))
  }

  @Test(
    "weights of half precision are read, and give what the same numbers give in float32", arguments: ["F16", "BF16"])
  func halfPrecision(type: String) throws {
    try Tool.run { tool in
      _ = try prepare(tool)
      let half: DType = type == "F16" ? .float16 : .bfloat16
      let path = tool.path("w.safetensors")
      let weights = try Safetensors(contentsOf: path).tensors.mapValues { $0.to(half) }
      try Safetensors(tensors: weights).write(to: path)
      #expect(String(decoding: try tool.bytes("w.safetensors"), as: UTF8.self).contains("\"dtype\":\"\(type)\""))
      let data = try tool.succeed("data", "info", "w.safetensors", "--key", "mu.weight")
      #expect(data.output.contains(type == "F16" ? "an array of float16" : "an array of bfloat16"))
      let found = try result(tool, "--method", "elbo").value
      try Safetensors(tensors: weights.mapValues { $0.to(.float32) }).write(to: path)
      #expect(try result(tool, "--method", "elbo").value == found)
    }
  }

  @Test("iwae and ais find the exact evidence of a linear decoder; the elbo stays below it")
  func exact() throws {
    try Tool.run { tool in
      let evidence = try prepare(tool)
      let mean = evidence.reduce(0, +) / 4
      let iwae = try result(tool, "--method", "iwae", "--samples", "20000")
      #expect(iwae.metric == "loglik" && iwae.method == "iwae" && iwae.n == 4)
      expectClose(iwae.value, mean, absolute: 0.01, relative: 0)
      let elbo = try result(tool, "--method", "elbo", "--samples", "2000")
      #expect(elbo.value < mean - 0.005 && elbo.value > mean - 0.5)
      for start in ["posterior", "prior"] {
        let ais = try result(
          tool, "--method", "ais", "--temperatures", "1000", "--chains", "16", "--start", start, "--out", "r.npy")
        expectClose(ais.value, mean, absolute: 0.05, relative: 0)
        #expect(tool.exists("r.npy"))
      }
      // Nothing is left of what would have let it go on.
      #expect(try FileManager.default.contentsOfDirectory(atPath: tool.path("cache/loglik")).isEmpty)
    }
  }

  @Test("one row has no standard error, null in JSON; importance weights say what their draws are worth")
  func oneRow() throws {
    try Tool.run { tool in
      _ = try prepare(tool)
      try Tensor([0.3, -0.2, 1.1], shape: [1, 3]).writeNPY(to: tool.path("x.npy"))
      let command = Self.command + ["--method", "iwae", "--samples", "50"]
      let json = try tool.succeed(command + ["--json"]).output
      #expect(json.contains(#""standard_error" : null"#) && json.contains(#""effective_samples" : "#), "\(json)")
      #expect(try !tool.succeed(command).output.contains("nan"))
    }
  }

  @Test("an encoder of one head and a decoder without encoder are taken too")
  func otherForms() throws {
    try Tool.run { tool in
      let evidence = try prepare(
        tool,
        arch: #"""
          {"likelihood": "gaussian", "scale": "log_scale", "decoder": [{"weight": "dec.weight", "bias": "dec.bias",
           "transposed": true}]}
          """#)
      try Safetensors(tensors: [
        "dec.weight": Tensor(Self.w, shape: [1, 3]), "dec.bias": Tensor(Self.b), "log_scale": Tensor([log(Self.scale)]),
      ]).write(to: tool.path("w.safetensors"))
      let ais = try result(tool, "--method", "ais", "--temperatures", "500")
      expectClose(ais.value, evidence.reduce(0, +) / 4, absolute: 0.05, relative: 0)
      let refused = try tool(Self.command + ["--method", "iwae"])
      #expect(refused.status == 1)
      #expect(
        refused.errors == "Error: iwae:5000: expected an encoder, got none; ais does without\n", "\(refused.errors)")
    }
  }

  @Test("what does not fit is refused in one line")
  func refusals() throws {
    try Tool.run { tool in
      _ = try prepare(tool)
      func refusal(_ arch: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try Data(arch.utf8).write(to: URL(fileURLWithPath: tool.path("arch.json")))
        let finished = try tool(Self.command + ["--method", "ais"])
        #expect(finished.status == 1, sourceLocation: sourceLocation)
        #expect(finished.errors == "Error: \(message)\n", sourceLocation: sourceLocation)
      }
      func replaced(_ old: String, _ new: String) -> String { Self.arch.replacingOccurrences(of: old, with: new) }
      try refusal("[", "arch.json: expected JSON that describes a decoder, got something else")
      try refusal("{}", "arch.json: expected 'likelihood'")
      try refusal(
        replaced("\"scale\"", "\"sigma\""),
        "arch.json: unknown key 'sigma'; there are likelihood, prior, scale, decoder, encoder")
      try refusal(
        replaced("\"output\": \"mean\"", "\"activation\": \"swish\", \"output\": \"mean\""),
        "arch.json: encoder[0]: expected an activation of elu, identity, leaky_relu, relu, sigmoid, softplus, tanh, got 'swish'"
      )
      try refusal(
        replaced(", \"scale\": 0.7", ""),
        "arch.json: expected either 'scale' or a head of its own for the scale of a gaussian likelihood")
      try refusal(replaced("0.7", "-1"), "arch.json: scale: expected a number above 0, got -1.0")
      try refusal(
        replaced("dec.bias", "dec.bas"), "w.safetensors: decoder[0]: no tensor 'dec.bas'; did you mean 'dec.bias'?")
      try refusal(
        replaced("dec.bias", "mu.bias"), "w.safetensors: decoder[0]: expected 'mu.bias' of length 3, got 1")
      try refusal(
        replaced("\"dec.weight\"", "\"mu.weight\"").replacingOccurrences(of: "dec.bias", with: "mu.bias"),
        "w.safetensors: encoder: expected inputs of the 1 outputs of the decoder, got 3")
      try Data(Self.arch.utf8).write(to: URL(fileURLWithPath: tool.path("arch.json")))
      try Tensor([1.0, 2.0], shape: [1, 2]).writeNPY(to: tool.path("x.npy"))
      let finished = try tool(Self.command + ["--method", "ais"])
      #expect(finished.errors == "Error: 'x.npy': expected rows of the 3 outputs of the decoder, got 2\n")
      let bernoulli = #"{"likelihood": "bernoulli", "decoder": [{"weight": "dec.weight"}]}"#
      try Tensor([1.0, 2.0, 0], shape: [1, 3]).writeNPY(to: tool.path("x.npy"))
      try refusal(bernoulli, "'x.npy': expected numbers in [0, 1] for a bernoulli likelihood, got others")
    }
  }
}
