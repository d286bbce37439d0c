/// The product of sizes read from a file; nil for a negative size or an overflow.
///
/// A header may declare any sizes: `Int` multiplication would trap on the first hostile file. A size of 0 does not
/// excuse the others, so that their product can be taken in any order.
func checkedProduct(_ sizes: [Int]) -> Int? {
  var product = 1
  for size in sizes {
    let (next, overflow) = product.multipliedReportingOverflow(by: max(1, size))
    if size < 0 || overflow { return nil }
    product = next
  }
  return sizes.contains(0) ? 0 : product
}
