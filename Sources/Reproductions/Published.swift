/// A number that a paper prints, and where ours beside it comes from.
public struct PublishedNumber: Sendable {
  /// The paper's key and where in it the number stands, such as `ADGM` and `Table 2`.
  public let paper, place: String
  /// What was measured: the system, its data, the metric with its unit.
  public let system, data, metric: String
  /// The number as it is printed, and the deviation over runs that is printed beside it.
  public let value: Double
  public let deviation: Double?
  /// Whose it is.
  public let origin: Origin
  /// Where ours comes from; nil where no experiment has it.
  public let source: Source?

  /// Whose a number is.
  public enum Origin: String, Codable, Sendable {
    /// The authors' own.
    case own
    /// The authors' own, said to be about so much.
    case approximate = "own ~"
    /// From others' papers.
    case cited
    /// From others' papers, said to be about so much.
    case citedApproximately = "cited ~"
    /// Not printed: from the script that draws the authors' figure.
    case script
    /// A setting and no result.
    case setting
  }

  /// A number of an experiment, in the unit of the paper.
  public struct Source: Sendable {
    /// The experiment and its cell.
    public let experiment, cell: String
    /// The metric's name, or what it begins with, as numbers of draws and subsets differ by the scale; * stands for any
    /// words, and the first of several names, parted by commas, that there is counts.
    let metric: String
    /// The paper's number is `offset + factor` times ours.
    let factor, offset: Double

    /// The one of some metrics' names that it means; nil where it is none of them.
    func name(among names: some Sequence<String>) -> String? {
      let sorted = names.sorted()
      return metric.split(separator: ",").lazy.compactMap { Self.name(like: String($0), among: sorted) }.first
    }

    private static func name(like wanted: String, among names: [String]) -> String? {
      let parts = wanted.split(separator: "*", omittingEmptySubsequences: false)
      if parts.count == 2 { return names.first { $0.hasPrefix(parts[0]) && $0.hasSuffix(parts[1]) } }
      let start = wanted.hasSuffix(":") ? wanted : wanted + ":"
      return names.first { $0 == wanted } ?? names.first { $0.hasPrefix(start) }
    }

    /// A mean of ours in the unit of the paper.
    func converted(_ mean: Results.Mean) -> Results.Mean {
      Results.Mean(
        offset + factor * mean.value, seeds: mean.seeds, errorOverSeeds: mean.errorOverSeeds.map { abs(factor) * $0 },
        errorOverExamples: mean.errorOverExamples.map { abs(factor) * $0 })
    }
  }
}

extension PublishedNumber {
  /// All that the five papers print, and what the script of one draws.
  public static let all: [PublishedNumber] = table.split(separator: "\n").map { line in
    guard let number = PublishedNumber(line: line) else {
      preconditionFailure("PublishedNumber: cannot read '\(line)'")
    }
    return number
  }

  /// Reads `paper | place | system | data | metric | value | deviation | origin | experiment cell metric [transform]`.
  private init?(line: Substring) {
    let fields = line.split(separator: "|", omittingEmptySubsequences: false).map {
      $0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
    }.map { String($0) }
    guard fields.count == 9, let value = Double(fields[5]), let origin = Origin(rawValue: fields[7]) else { return nil }
    (paper, place, system, data, metric) = (fields[0], fields[1], fields[2], fields[3], fields[4])
    (self.value, deviation, self.origin) = (value, Double(fields[6]), origin)
    let words = fields[8].split(separator: " ").map(String.init)
    guard words.count >= 3 else {
      source = nil
      return
    }
    var (factor, offset) = (1.0, 0.0)
    switch words.dropFirst(3).first {
    case "1-": (factor, offset) = (-1, 1)
    case let times?: factor = Double(times.dropLast()) ?? .nan
    case nil: break
    }
    source = Source(experiment: words[0], cell: words[1], metric: words[2], factor: factor, offset: offset)
  }

  private static let table = """
    INFO | Table 1 | ELBO | binarized MNIST, 5 dimensions | negative log likelihood, nats | 82.75 |  | own | info/table-1 authors-vae iwae:*:mixture,iwae:*:prior,iwae: -1x
    INFO | Table 1 | MMD | binarized MNIST, 5 dimensions | negative log likelihood, nats | 80.76 |  | own | info/table-1 mmd-vae iwae:*:mixture,iwae:*:prior,iwae: -1x
    INFO | Table 1 | Stein | binarized MNIST, 5 dimensions | negative log likelihood, nats | 81.47 |  | own | info/table-1 stein-vae iwae:*:mixture,iwae:*:prior,iwae: -1x
    INFO | Table 1 | Adversarial | binarized MNIST, 5 dimensions | negative log likelihood, nats | 82.21 |  | own | info/table-1 aae iwae:*:mixture,iwae:*:prior,iwae: -1x
    INFO | Section 4.2.1 | PixelRNN | MNIST | negative log likelihood, nats | 79.2 |  | cited |
    INFO | Figure 3 | Stein | MNIST, 2 dimensions | SVM accuracy, 1000 labels | 0.462 |  | script | info/figure-3 stein-vae/2 probe:svm 1-
    INFO | Figure 3 | Stein | MNIST, 5 dimensions | SVM accuracy, 1000 labels | 0.681 |  | script | info/figure-3 stein-vae/5 probe:svm 1-
    INFO | Figure 3 | Stein | MNIST, 10 dimensions | SVM accuracy, 1000 labels | 0.845 |  | script | info/figure-3 stein-vae/10 probe:svm 1-
    INFO | Figure 3 | Stein | MNIST, 20 dimensions | SVM accuracy, 1000 labels | 0.839 |  | script | info/figure-3 stein-vae/20 probe:svm 1-
    INFO | Figure 3 | Stein | MNIST, 40 dimensions | SVM accuracy, 1000 labels | 0.842 |  | script | info/figure-3 stein-vae/40 probe:svm 1-
    INFO | Figure 3 | MMD | MNIST, 2 dimensions | SVM accuracy, 1000 labels | 0.58 |  | script | info/figure-3 mmd-vae/2 probe:svm 1-
    INFO | Figure 3 | MMD | MNIST, 5 dimensions | SVM accuracy, 1000 labels | 0.895 |  | script | info/figure-3 mmd-vae/5 probe:svm 1-
    INFO | Figure 3 | MMD | MNIST, 10 dimensions | SVM accuracy, 1000 labels | 0.956 |  | script | info/figure-3 mmd-vae/10 probe:svm 1-
    INFO | Figure 3 | MMD | MNIST, 20 dimensions | SVM accuracy, 1000 labels | 0.972 |  | script | info/figure-3 mmd-vae/20 probe:svm 1-
    INFO | Figure 3 | MMD | MNIST, 40 dimensions | SVM accuracy, 1000 labels | 0.975 |  | script | info/figure-3 mmd-vae/40 probe:svm 1-
    INFO | Figure 3 | Adversarial | MNIST, 2 dimensions | SVM accuracy, 1000 labels | 0.34 |  | script | info/figure-3 aae/2 probe:svm 1-
    INFO | Figure 3 | Adversarial | MNIST, 5 dimensions | SVM accuracy, 1000 labels | 0.37 |  | script | info/figure-3 aae/5 probe:svm 1-
    INFO | Figure 3 | Adversarial | MNIST, 10 dimensions | SVM accuracy, 1000 labels | 0.88 |  | script | info/figure-3 aae/10 probe:svm 1-
    INFO | Figure 3 | Adversarial | MNIST, 20 dimensions | SVM accuracy, 1000 labels | 0.901 |  | script | info/figure-3 aae/20 probe:svm 1-
    INFO | Figure 3 | Adversarial | MNIST, 40 dimensions | SVM accuracy, 1000 labels | 0.845 |  | script | info/figure-3 aae/40 probe:svm 1-
    INFO | Figure 3 | ELBO of weight 784/d | MNIST, 2 dimensions | SVM accuracy, 1000 labels | 0.1 |  | script | info/figure-3 authors-vae/2 probe:svm 1-
    INFO | Figure 3 | ELBO of weight 784/d | MNIST, 5 dimensions | SVM accuracy, 1000 labels | 0.098 |  | script | info/figure-3 authors-vae/5 probe:svm 1-
    INFO | Figure 3 | ELBO of weight 784/d | MNIST, 10 dimensions | SVM accuracy, 1000 labels | 0.1 |  | script | info/figure-3 authors-vae/10 probe:svm 1-
    INFO | Figure 3 | ELBO of weight 784/d | MNIST, 20 dimensions | SVM accuracy, 1000 labels | 0.102 |  | script | info/figure-3 authors-vae/20 probe:svm 1-
    INFO | Figure 3 | ELBO of weight 784/d | MNIST, 40 dimensions | SVM accuracy, 1000 labels | 0.11 |  | script | info/figure-3 authors-vae/40 probe:svm 1-
    INFO | Figure 3 | Unregularized | MNIST, 2 dimensions | SVM accuracy, 1000 labels | 0.916 |  | script | info/figure-3 ae/2 probe:svm 1-
    INFO | Figure 3 | Unregularized | MNIST, 5 dimensions | SVM accuracy, 1000 labels | 0.923 |  | script | info/figure-3 ae/5 probe:svm 1-
    INFO | Figure 3 | Unregularized | MNIST, 10 dimensions | SVM accuracy, 1000 labels | 0.954 |  | script | info/figure-3 ae/10 probe:svm 1-
    INFO | Figure 3 | Unregularized | MNIST, 20 dimensions | SVM accuracy, 1000 labels | 0.967 |  | script | info/figure-3 ae/20 probe:svm 1-
    INFO | Figure 3 | Unregularized | MNIST, 40 dimensions | SVM accuracy, 1000 labels | 0.968 |  | script | info/figure-3 ae/40 probe:svm 1-
    INFO | Figure 3 | Stein | MNIST, 2 dimensions | squared MMD to the prior | 0.0002 |  | script | info/figure-3 stein-vae/2 mmd-prior
    INFO | Figure 3 | Stein | MNIST, 5 dimensions | squared MMD to the prior | 0.0008 |  | script | info/figure-3 stein-vae/5 mmd-prior
    INFO | Figure 3 | Stein | MNIST, 10 dimensions | squared MMD to the prior | 0.00115 |  | script | info/figure-3 stein-vae/10 mmd-prior
    INFO | Figure 3 | Stein | MNIST, 20 dimensions | squared MMD to the prior | 0.004 |  | script | info/figure-3 stein-vae/20 mmd-prior
    INFO | Figure 3 | Stein | MNIST, 40 dimensions | squared MMD to the prior | 0.014 |  | script | info/figure-3 stein-vae/40 mmd-prior
    INFO | Figure 3 | MMD | MNIST, 2 dimensions | squared MMD to the prior | 0.0002 |  | script | info/figure-3 mmd-vae/2 mmd-prior
    INFO | Figure 3 | MMD | MNIST, 5 dimensions | squared MMD to the prior | 0.0007 |  | script | info/figure-3 mmd-vae/5 mmd-prior
    INFO | Figure 3 | MMD | MNIST, 10 dimensions | squared MMD to the prior | 0.0005 |  | script | info/figure-3 mmd-vae/10 mmd-prior
    INFO | Figure 3 | MMD | MNIST, 20 dimensions | squared MMD to the prior | 0.0008 |  | script | info/figure-3 mmd-vae/20 mmd-prior
    INFO | Figure 3 | MMD | MNIST, 40 dimensions | squared MMD to the prior | 0.00108 |  | script | info/figure-3 mmd-vae/40 mmd-prior
    INFO | Figure 3 | Adversarial | MNIST, 2 dimensions | squared MMD to the prior | 0.052 |  | script | info/figure-3 aae/2 mmd-prior
    INFO | Figure 3 | Adversarial | MNIST, 5 dimensions | squared MMD to the prior | 0.045 |  | script | info/figure-3 aae/5 mmd-prior
    INFO | Figure 3 | Adversarial | MNIST, 10 dimensions | squared MMD to the prior | 0.0093 |  | script | info/figure-3 aae/10 mmd-prior
    INFO | Figure 3 | Adversarial | MNIST, 20 dimensions | squared MMD to the prior | 0.008 |  | script | info/figure-3 aae/20 mmd-prior
    INFO | Figure 3 | Adversarial | MNIST, 40 dimensions | squared MMD to the prior | 0.015 |  | script | info/figure-3 aae/40 mmd-prior
    INFO | Figure 3 | Stein | MNIST, 2 dimensions | KL of classes, nats | 0.027 |  | script | info/figure-3 stein-vae/2 class-ce
    INFO | Figure 3 | Stein | MNIST, 5 dimensions | KL of classes, nats | 0.027 |  | script | info/figure-3 stein-vae/5 class-ce
    INFO | Figure 3 | Stein | MNIST, 10 dimensions | KL of classes, nats | 0.039 |  | script | info/figure-3 stein-vae/10 class-ce
    INFO | Figure 3 | Stein | MNIST, 20 dimensions | KL of classes, nats | 0.049 |  | script | info/figure-3 stein-vae/20 class-ce
    INFO | Figure 3 | Stein | MNIST, 40 dimensions | KL of classes, nats | 0.057 |  | script | info/figure-3 stein-vae/40 class-ce
    INFO | Figure 3 | MMD | MNIST, 2 dimensions | KL of classes, nats | 0.015 |  | script | info/figure-3 mmd-vae/2 class-ce
    INFO | Figure 3 | MMD | MNIST, 5 dimensions | KL of classes, nats | 0.017 |  | script | info/figure-3 mmd-vae/5 class-ce
    INFO | Figure 3 | MMD | MNIST, 10 dimensions | KL of classes, nats | 0.019 |  | script | info/figure-3 mmd-vae/10 class-ce
    INFO | Figure 3 | MMD | MNIST, 20 dimensions | KL of classes, nats | 0.022 |  | script | info/figure-3 mmd-vae/20 class-ce
    INFO | Figure 3 | MMD | MNIST, 40 dimensions | KL of classes, nats | 0.036 |  | script | info/figure-3 mmd-vae/40 class-ce
    INFO | Figure 3 | Adversarial | MNIST, 2 dimensions | KL of classes, nats | 0.078 |  | script | info/figure-3 aae/2 class-ce
    INFO | Figure 3 | Adversarial | MNIST, 5 dimensions | KL of classes, nats | 0.042 |  | script | info/figure-3 aae/5 class-ce
    INFO | Figure 3 | Adversarial | MNIST, 10 dimensions | KL of classes, nats | 0.035 |  | script | info/figure-3 aae/10 class-ce
    INFO | Figure 3 | Adversarial | MNIST, 20 dimensions | KL of classes, nats | 0.028 |  | script | info/figure-3 aae/20 class-ce
    INFO | Figure 3 | Adversarial | MNIST, 40 dimensions | KL of classes, nats | 0.021 |  | script | info/figure-3 aae/40 class-ce
    ADGM | Table 1 | VAE+NF L=1 | MNIST | log p(x), nats | -85.1 |  | cited |
    ADGM | Table 1 | IWAE L=1 IW=1 | MNIST | log p(x), nats | -86.76 |  | cited |
    ADGM | Table 1 | IWAE L=1 IW=50 | MNIST | log p(x), nats | -84.78 |  | cited |
    ADGM | Table 1 | IWAE L=2 IW=1 | MNIST | log p(x), nats | -85.33 |  | cited |
    ADGM | Table 1 | IWAE L=2 IW=50 | MNIST | log p(x), nats | -82.9 |  | cited |
    ADGM | Table 1 | VAE+VGP L=2 | MNIST | log p(x), nats | -81.9 |  | cited |
    ADGM | Table 1 | LVAE L=5 IW=1 | MNIST | log p(x), nats | -82.12 |  | cited |
    ADGM | Table 1 | LVAE L=5 FT IW=10 | MNIST | log p(x), nats | -81.74 |  | cited |
    ADGM | Table 1 | AVAE L=1 IW=1 | MNIST | log p(x), nats | -84.59 |  | own | adgm/table-1 avae iwae:
    ADGM | Table 1 | AVAE L=2 IW=1 | MNIST | log p(x), nats | -82.97 |  | own | adgm/table-1 avae-2 iwae:
    ADGM | Table 2 | M1+TSVM | MNIST, 100 labels | error, % | 11.82 | 0.25 | cited | adgm/table-2-mnist m1 probe:svm 100x
    ADGM | Table 2 | M1+TSVM | SVHN with extra images, 1000 labels | error, % | 55.33 | 0.11 | cited |
    ADGM | Table 2 | M1+TSVM | small NORB, 1000 labels | error, % | 18.79 | 0.05 | cited |
    ADGM | Table 2 | M1+M2 | MNIST, 100 labels | error, % | 3.33 | 0.14 | cited | adgm/table-2-mnist m1+m2 error 100x
    ADGM | Table 2 | M1+M2 | SVHN with extra images, 1000 labels | error, % | 36.02 | 0.1 | cited |
    ADGM | Table 2 | VAT | MNIST, 100 labels | error, % | 2.12 |  | cited |
    ADGM | Table 2 | VAT | SVHN with extra images, 1000 labels | error, % | 24.63 |  | cited |
    ADGM | Table 2 | VAT | small NORB, 1000 labels | error, % | 9.88 |  | cited |
    ADGM | Table 2 | Ladder Network | MNIST, 100 labels | error, % | 1.06 | 0.37 | cited |
    ADGM | Table 2 | ADGM | MNIST, 100 labels | error, % | 0.96 | 0.02 | own | adgm/table-2-mnist adgm error 100x
    ADGM | Table 2 | ADGM | SVHN with extra images, 1000 labels | error, % | 22.86 |  | own |
    ADGM | Table 2 | ADGM | small NORB, 1000 labels | error, % | 10.06 | 0.05 | own | adgm/table-2-norb adgm error 100x
    ADGM | Table 2 | SDGM | MNIST, 100 labels | error, % | 1.32 | 0.07 | own | adgm/table-2-mnist sdgm error 100x
    ADGM | Table 2 | SDGM | SVHN with extra images, 1000 labels | error, % | 16.61 | 0.24 | own |
    ADGM | Table 2 | SDGM | small NORB, 1000 labels | error, % | 9.4 | 0.04 | own | adgm/table-2-norb sdgm error 100x
    ADGM | Text 4.4 | SDGM | SVHN, 1000 labels | error, % | 29.82 |  | own | adgm/table-2-svhn sdgm error 100x
    ADGM | Text 4.4 | ADGM | MNIST, 100 labels | error after 200 epochs, % | 2.0 |  | own ~ |
    ADGM | Figure 4a | SDGM | MNIST, 100 labels | clearly active units of z | 20 |  | own ~ | adgm/figure-4 sdgm active-units
    ADGM | Figure 2 | ADGM | half-moons, 6 labels | error after 10 epochs, % | 0.0 |  | own ~ | adgm/figure-2cd adgm/half-moons-clear error 100x
    ADGM | Text 4.4 | SDGM | SVHN 1000 labels | error after 100 epochs, % | 19.0 |  | own ~ |
    ADGM | Text 4.4 | SDGM | small NORB, 1000 labels | error after 100 epochs, % | 12.0 |  | own ~ |
    ADGM | Text 4.4 | SDGM | small NORB, single images instead of pairs | error after 100 epochs, % | 13.0 |  | own ~ |
    ADGM | Supplement, settings | ADGM/SDGM |  | Adam beta1 | 0.9 |  | setting |
    ADGM | Supplement, settings | ADGM/SDGM |  | loss beta range low | 0.1 |  | setting |
    ADGM | Supplement, settings | ADGM/SDGM |  | MNIST column std threshold | 0.1 |  | setting |
    ADGM | Supplement, settings | ADGM/SDGM |  | MNIST input dim | 444 |  | setting |
    AVB | Table 1 | VAE | four points | log likelihood, nats | -1.568 |  | own | avb/table-1 vae evidence:quadrature
    AVB | Table 1 | VAE | four points | reconstruction error, nats a pixel | 0.0885 |  | own | avb/table-1 vae reconstruction 0.25x
    AVB | Table 1 | VAE | four points | bound, nats | -1.697 |  | own | avb/table-1 vae elbo
    AVB | Table 1 | VAE | four points | KL(q(z), p(z)), nats | 0.165 |  | own ~ | avb/table-1 vae kl-prior
    AVB | Table 1 | AVB | four points | log likelihood, nats | -1.403 |  | own | avb/table-1 avb evidence:quadrature
    AVB | Table 1 | AVB | four points | reconstruction error, nats a pixel | 0.00577 |  | own | avb/table-1 avb reconstruction 0.25x
    AVB | Table 1 | AVB | four points | bound, nats | -1.421 |  | own ~ | avb/table-1 avb elbo
    AVB | Table 1 | AVB | four points | KL(q(z), p(z)), nats | 0.026 |  | own ~ | avb/table-1 avb kl-prior
    AVB | Table 1 | optimum | four points | log likelihood, nats | -1.386294 |  | own |
    AVB | Table 2 | AVB (8 dimensions) | binarized MNIST | bound, nats | -83.6 | 0.4 | own ~ | avb/table-2 avb/8 elbo
    AVB | Table 2 | AVB (8 dimensions) | binarized MNIST | log p(x) by AIS, nats | -91.2 | 0.6 | own | avb/table-2 avb/8 ais
    AVB | Table 2 | AVB+AC (8 dimensions) | binarized MNIST | bound, nats | -96.3 | 0.4 | own ~ | avb/table-2 avb-ac/8 elbo
    AVB | Table 2 | AVB+AC (8 dimensions) | binarized MNIST | log p(x) by AIS, nats | -89.6 | 0.6 | own | avb/table-2 avb-ac/8 ais
    AVB | Table 2 | AVB+AC (32 dimensions) | binarized MNIST | bound, nats | -79.5 | 0.3 | own ~ | avb/table-2 avb-ac/32 elbo
    AVB | Table 2 | AVB+AC (32 dimensions) | binarized MNIST | log p(x) by AIS, nats | -80.2 | 0.4 | own | avb/table-2 avb-ac/32 ais
    AVB | Table 2 | VAE (8 dimensions) | binarized MNIST | bound, nats | -98.1 | 0.5 | own | avb/table-2 vae/8 elbo
    AVB | Table 2 | VAE (8 dimensions) | binarized MNIST | log p(x) by AIS, nats | -90.9 | 0.6 | own | avb/table-2 vae/8 ais
    AVB | Table 2 | VAE (32 dimensions) | binarized MNIST | bound, nats | -87.2 | 0.3 | own | avb/table-2 vae/32 elbo
    AVB | Table 2 | VAE (32 dimensions) | binarized MNIST | log p(x) by AIS, nats | -81.9 | 0.4 | own | avb/table-2 vae/32 ais
    AVB | Table 2 | VAE+NF of 80 layers | binarized MNIST | bound, nats | -85.1 |  | cited | avb/table-2 vae-planar/32 elbo
    AVB | Table 2 | VAE+HVI of 16 steps | binarized MNIST | bound, nats | -88.3 |  | cited | avb/table-2 hvi/32 elbo
    AVB | Table 2 | VAE+HVI of 16 steps | binarized MNIST | log p(x) by importance sampling, nats | -85.5 |  | cited | avb/table-2 hvi/32 ais
    AVB | Table 2 | convVAE+HVI of 16 steps | binarized MNIST | bound, nats | -84.1 |  | cited |
    AVB | Table 2 | convVAE+HVI of 16 steps | binarized MNIST | log p(x) by importance sampling, nats | -81.9 |  | cited |
    AVB | Table 2 | VAE+VGP (2hl) | binarized MNIST | bound, nats | -81.3 |  | cited |
    AVB | Table 2 | DRAW+VGP | binarized MNIST | bound, nats | -79.9 |  | cited |
    AVB | Table 2 | VAE+IAF | binarized MNIST | bound, nats | -80.8 |  | cited | avb/table-2 vae-iaf/32 elbo
    AVB | Table 2 | VAE+IAF | binarized MNIST | log p(x) by importance sampling, nats | -79.1 |  | cited | avb/table-2 vae-iaf/32 ais
    AVB | Table 2 | Auxiliary VAE (L=2) | binarized MNIST | bound, nats | -83.0 |  | cited |
    UNI | Table 2 left | GAN | MNIST | Inception score | 8.34 | 0.03 | own | uni/table-2-left gan/mnist is
    UNI | Table 2 left | IWGAN | MNIST | Inception score | 8.45 | 0.04 | own | uni/table-2-left iwgan/mnist is
    UNI | Table 2 left | GAN | SVHN | Inception score | 5.18 | 0.03 | own | uni/table-2-left gan/svhn is
    UNI | Table 2 left | IWGAN | SVHN | Inception score | 5.34 | 0.03 | own | uni/table-2-left iwgan/svhn is
    UNI | Table 2 left | GAN | CIFAR-10 | Inception score | 7.86 | 0.05 | own | uni/table-2-left gan/cifar-10 is
    UNI | Table 2 left | IWGAN | CIFAR-10 | Inception score | 7.89 | 0.04 | own | uni/table-2-left iwgan/cifar-10 is
    UNI | Table 2 middle | CGAN | MNIST | accuracy of samples | 0.985 | 0.002 | own | uni/table-2-middle cgan/mnist conditional-accuracy
    UNI | Table 2 middle | IWCGAN | MNIST | accuracy of samples | 0.987 | 0.002 | own | uni/table-2-middle iwcgan/mnist conditional-accuracy
    UNI | Table 2 middle | CGAN | SVHN | accuracy of samples | 0.797 | 0.005 | own | uni/table-2-middle cgan/svhn conditional-accuracy
    UNI | Table 2 middle | IWCGAN | SVHN | accuracy of samples | 0.798 | 0.006 | own | uni/table-2-middle iwcgan/svhn conditional-accuracy
    UNI | Table 4 | SVAE | MNIST, 1 % of labels | accuracy | 0.9412 | 0.0039 | own | uni/table-4 svae/1 error 1-
    UNI | Table 4 | AASVAE | MNIST, 1 % of labels | accuracy | 0.9425 | 0.0045 | own | uni/table-4 aasvae/1 error 1-
    UNI | Table 4 | SVAE | MNIST, 10 % of labels | accuracy | 0.9768 | 0.0009 | own | uni/table-4 svae/10 error 1-
    UNI | Table 4 | AASVAE | MNIST, 10 % of labels | accuracy | 0.9797 | 0.001 | own | uni/table-4 aasvae/10 error 1-
    UNI | Table 3 | VAE | MNIST, 1 % of the data | bound, nats | -122.89 |  | own | uni/table-3 vae/1 elbo
    UNI | Table 3 | AAVAE | MNIST, 1 % of the data | bound, nats | -122.15 |  | own | uni/table-3 aavae/1 elbo
    UNI | Table 3 | CVAE | MNIST, 1 % of the data | bound, nats | -125.44 |  | own | uni/table-3 cvae/1 elbo
    UNI | Table 3 | AACVAE | MNIST, 1 % of the data | bound, nats | -122.88 |  | own | uni/table-3 aacvae/1 elbo
    UNI | Table 3 | SVAE | MNIST, 1 % of the data | bound, nats | -108.22 |  | own | uni/table-3 svae/1 elbo
    UNI | Table 3 | AASVAE | MNIST, 1 % of the data | bound, nats | -107.61 |  | own | uni/table-3 aasvae/1 elbo
    UNI | Table 3 | VAE | MNIST, 10 % of the data | bound, nats | -104.49 |  | own | uni/table-3 vae/10 elbo
    UNI | Table 3 | AAVAE | MNIST, 10 % of the data | bound, nats | -103.05 |  | own | uni/table-3 aavae/10 elbo
    UNI | Table 3 | CVAE | MNIST, 10 % of the data | bound, nats | -102.63 |  | own | uni/table-3 cvae/10 elbo
    UNI | Table 3 | AACVAE | MNIST, 10 % of the data | bound, nats | -101.63 |  | own | uni/table-3 aacvae/10 elbo
    UNI | Table 3 | SVAE | MNIST, 10 % of the data | bound, nats | -99.44 |  | own | uni/table-3 svae/10 elbo
    UNI | Table 3 | AASVAE | MNIST, 10 % of the data | bound, nats | -98.81 |  | own | uni/table-3 aasvae/10 elbo
    UNI | Table 3 | VAE | MNIST, 100 % of the data | bound, nats | -92.53 |  | own | uni/table-3 vae/100 elbo
    UNI | Table 3 | AAVAE | MNIST, 100 % of the data | bound, nats | -92.42 |  | own | uni/table-3 aavae/100 elbo
    UNI | Table 3 | CVAE | MNIST, 100 % of the data | bound, nats | -93.16 |  | own | uni/table-3 cvae/100 elbo
    UNI | Table 3 | AACVAE | MNIST, 100 % of the data | bound, nats | -92.75 |  | own | uni/table-3 aacvae/100 elbo
    UNI | Appendix G.1 | evaluation network | MNIST | Inception score of the test set | 9.09 |  | own | uni/evaluation mnist is
    UNI | Appendix G.1 | evaluation network | SVHN | Inception score of the test set | 6.55 |  | own | uni/evaluation svhn is
    UNI | Appendix G.1 | evaluation network | CIFAR-10 | Inception score of the test set | 8.77 |  | own | uni/evaluation cifar-10 is
    UNI | Appendix G.1 | evaluation network | MNIST | accuracy | 0.99 |  | own | uni/evaluation mnist accuracy
    UNI | Appendix G.1 | evaluation network | SVHN | accuracy | 0.902 |  | own | uni/evaluation svhn accuracy
    ASL | Table 1 | VAE | Fashion-MNIST | FID | 47.19 | 0.35 | own | asl/table-1 vae/fashion-mnist fid
    ASL | Table 1 | Two-stage VAE | Fashion-MNIST | FID | 43.88 | 0.35 | own | asl/table-1 two-stage-vae/fashion-mnist fid
    ASL | Table 1 | VAE-ASL | Fashion-MNIST | FID | 38.39 | 0.5 | own | asl/table-1 vae-asl/fashion-mnist fid
    ASL | Table 1 | MI-ASL | Fashion-MNIST | FID | 26.0 | 0.28 | own | asl/table-1 mi-asl/fashion-mnist fid
    ASL | Table 1 | VAE | CIFAR-10 | FID | 99.34 | 0.25 | own | asl/table-1 vae/cifar-10 fid
    ASL | Table 1 | Two-stage VAE | CIFAR-10 | FID | 89.91 | 0.26 | own | asl/table-1 two-stage-vae/cifar-10 fid
    ASL | Table 1 | VAE-ASL | CIFAR-10 | FID | 86.51 | 0.21 | own | asl/table-1 vae-asl/cifar-10 fid
    ASL | Table 1 | MI-ASL | CIFAR-10 | FID | 87.19 | 0.28 | own | asl/table-1 mi-asl/cifar-10 fid
    """
}
