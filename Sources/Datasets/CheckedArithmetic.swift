/// The product of sizes read from a file; nil for a negative size or an overflow.
///
/// A header may declare any sizes: `Int` multiplication would trap on the first hostile file.
func checkedProduct(_ sizes: [Int]) -> Int? {
  var product = 1
  for size in sizes {
    let (next, overflow) = product.multipliedReportingOverflow(by: size)
    if size < 0 || overflow { return nil }
    product = next
  }
  return product
}
