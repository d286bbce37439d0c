// Data sets by name, your own arrays, and batches of them.
//
//     swift run LoadData

import Datasets
import Foundation
import Torch

// snippet.named
// Generated sets have any number of examples; the same seed gives the same bytes.
var options = DatasetOptions.fromEnvironment()
options.trainCount = 500
options.testCount = 100
options.validation = .count(50)
options.log = { print($0) }
let strokes = try Dataset.named("strokes", options)
let train = try strokes.train
print(train.count, "images of shape", train.shape, "in", train.classCount ?? 0, "classes")
print("known factors:", (train.factors ?? [:]).keys.sorted().joined(separator: ", "))
// snippet.end

// snippet.array
// An array [n, height, width] that NumPy could have written; labels would be in 'images.labels.npy'.
let path = FileManager.default.temporaryDirectory.appendingPathComponent("images.npy").path
try RandomSource(seed: 1).uniform([200, 8, 8]).writeNPY(to: path)
let own = try Dataset.named(path)
print(try own.train.count, "images of shape", own.info.shape)
// snippet.end

// snippet.batches
// Pixels stay bytes until a batch is gathered; `dynamic` draws 0 or 1 from each grey value, anew every time.
let rng = RandomSource(seed: 1)
let examples = DeviceExamples(train, binarization: .dynamic)
let order = BatchOrder(count: examples.count, batchSize: 100, seed: 1)
for step in 0..<order.batchesPerEpoch {
  let batch = try examples.batch(order.indices(at: step), using: rng)
  print("batch \(step):", batch.x.shape, "mean \(batch.x.mean().item())")
}
// snippet.end
