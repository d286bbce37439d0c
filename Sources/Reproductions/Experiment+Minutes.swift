extension Experiment {
  /// About how many minutes all of its seeds take on two cores, two cells side by side; nil where it was not measured.
  public func minutes(at scale: Scale) -> Int? {
    switch scale {
    case .smoke: 1
    case .cpu: Self.minutesAtCPU[name]
    case .paper: nil
    }
  }

  /// By the time that cells took on one core of an AMD EPYC (Zen 3).
  private static let minutesAtCPU: [String: Int] = [
    "info/figure-1": 100, "info/table-1": 45,
    "adgm/figure-2ab": 5, "adgm/figure-2cd": 10, "adgm/table-1": 70, "adgm/table-2-mnist": 80, "adgm/figure-3": 25,
    "adgm/figure-4": 25, "adgm/figure-5": 95,
    "avb/figure-3": 90, "avb/table-1": 6, "avb/figure-5": 1, "avb/figure-6": 6,
    "uni/figure-2": 1, "uni/evaluation": 20, "uni/table-2-left": 35, "uni/table-2-middle": 50,
    "asl/figure-3": 45, "asl/table-1": 85,
  ]
}
