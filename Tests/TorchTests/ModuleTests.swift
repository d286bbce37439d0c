import TestSupport
import Testing
import Torch

private final class Twig: Module {
  let weight: Parameter
  init(_ value: Double) { weight = Parameter(Tensor([value])) }
}

private final class Tree: Module {
  let first = Parameter(Tensor([1.0, 2]))
  let twigs: [Twig]
  let absent: Twig? = nil
  let present: Twig? = Twig(5)
  let chosen: any Module = Twig(6)
  let again: Twig
  let count = Buffer(Tensor([Int64(7)]))
  let running = Buffer(Tensor([0.5]))
  let width = 3

  init() {
    twigs = [Twig(3), Twig(4)]
    again = twigs[0]
  }
}

@Suite("Modules") struct ModuleTests {
  @Test("names are property paths in order of declaration, shared parts counted once")
  func names() {
    let tree = Tree()
    #expect(
      tree.namedParameters.map(\.name) == [
        "first", "twigs.0.weight", "twigs.1.weight", "present.weight", "chosen.weight",
      ])
    #expect(
      tree.namedTensors.map(\.name) == [
        "first", "twigs.0.weight", "twigs.1.weight", "present.weight", "chosen.weight", "count",
        "running",
      ])
    #expect(tree.parameterCount == 6)
    #expect(tree.parameters[1] === tree.again.weight)
  }

  @Test("conversion changes floating-point types and leaves parameters trainable leaves")
  func conversion() {
    let tree = Tree()
    tree.convert(to: .float32)
    #expect(tree.first.value.dtype == .float32)
    #expect(tree.running.value.dtype == .float32)
    #expect(tree.count.value.dtype == .int64)
    let found = gradients(of: tree.first.value.square().sum(), in: [tree.first.value])
    #expect(found[0].array() == [Float(2), 4])
  }

  @Test("a parameter leaves the graph its value came from")
  func leaf() {
    let x = Tensor([1.0]).requiringGradient()
    let parameter = Parameter(x * 2)
    #expect(gradients(of: parameter.value * x, in: [x])[0].item() == 2)
    #expect(parameter.value.requiresGradient)
  }

  private func saved(_ tree: Tree) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: tree.namedTensors.map { ($0.name, $0.tensor.detached() + 1) })
  }

  @Test("loading copies into the tensors that optimizers hold")
  func loading() throws {
    let tree = Tree()
    let held = tree.first.value
    try tree.load(saved(tree), from: "run")
    #expect(held.array() == [2.0, 3])
    #expect(tree.count.value.item() == 8)
    #expect(tree.again.weight.value.item() == 4)
  }

  @Test("a missing, extra or misshapen tensor is refused by name and nothing is loaded")
  func strictness() {
    let tree = Tree()
    func message(_ change: (inout [String: Tensor]) -> Void) -> String? {
      var tensors = saved(tree)
      change(&tensors)
      do {
        try tree.load(tensors, from: "run.safetensors")
        return nil
      } catch { return error.description }
    }
    #expect(
      message { $0["twigs.1.weight"] = nil } == "run.safetensors: no tensor 'twigs.1.weight'")
    #expect(
      message {
        $0["twig.1.weight"] = $0["twigs.1.weight"]
        $0["twigs.1.weight"] = nil
      } == "run.safetensors: no tensor 'twigs.1.weight' (it has 'twig.1.weight')")
    #expect(
      message { $0["first"] = Tensor([1.0]) }
        == "run.safetensors: tensor 'first': expected shape [2], found [1]")
    #expect(
      message { $0["zeta"] = Tensor([1.0]) }
        == "run.safetensors: tensor 'zeta' belongs to no part of this model")
    #expect(tree.first.value.array() == [1.0, 2])
  }

  @Test("training mode is a scope that ends, also by a throw")
  func trainingMode() {
    struct Stop: Error {}
    let norm = BatchNorm(1)
    let x = Tensor([Float(2), 4], shape: [2, 1])
    #expect(throws: Stop.self) { try TrainingMode.run { throw Stop() } }
    expectClose(norm(x), x, relative: 1e-5)
  }
}
