extension Report {
  /// The style sheet of the page: one column, the system's own type, ink on white.
  ///
  /// Charts stand ten pixels to the left, by their own margin, so that their titles align with
  /// text.
  static let style = """
    :root { color-scheme: light; }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: #fff; color: #1f2328;
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
    }
    main { max-width: 1180px; margin: 0 auto; padding: 48px 32px 96px; }
    header { border-bottom: 2px solid #1f2328; padding-bottom: 16px; margin-bottom: 28px; }
    h1 { font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; margin: 0 0 8px; }
    header p { margin: 0; color: #59636e; font-size: 15px; overflow-wrap: anywhere; }
    h2 { font-size: 21px; line-height: 1.3; margin: 52px 0 14px; }
    p { max-width: 72ch; margin: 0 0 16px; }
    table { border-collapse: collapse; font-size: 15px; font-variant-numeric: tabular-nums; }
    th { text-align: left; font-weight: 600; }
    th, td { padding: 6px 24px 6px 0; vertical-align: baseline; }
    tr > :last-child { padding-right: 0; }
    .summary { width: 100%; }
    .summary tr { border-bottom: 1px solid #d8dee4; }
    .summary th { font-weight: 400; color: #3d444d; width: 34%; }
    .summary .value { font-size: 19px; font-weight: 600; white-space: nowrap; }
    .summary .note { color: #59636e; width: 46%; }
    .facts { margin-bottom: 20px; }
    .facts th { font-weight: 400; color: #59636e; white-space: nowrap; }
    .facts td { overflow-wrap: anywhere; }
    .scroll { overflow-x: auto; margin-bottom: 24px; }
    .data caption { text-align: left; color: #59636e; padding-bottom: 8px; }
    .data thead tr { border-bottom: 1.5px solid #1f2328; }
    .data tbody tr { border-bottom: 1px solid #e6e9ed; }
    .data th { white-space: nowrap; }
    .data .number { text-align: right; }
    .figures {
      display: grid; gap: 32px; margin: 8px 0 28px; align-items: start;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr));
    }
    figure { margin: 0; break-inside: avoid; }
    figure > svg, figure > img { display: block; max-width: 100%; height: auto; }
    figure > svg { margin-left: -10px; max-width: calc(100% + 10px); }
    figure > img { image-rendering: pixelated; }
    figcaption {
      color: #59636e; font-size: 14px; line-height: 1.45; margin-top: 8px; max-width: 64ch;
    }
    pre {
      background: #f6f8fa; border: 1px solid #e6e9ed; border-radius: 6px; padding: 14px 16px;
      overflow-x: auto; margin: 0 0 20px;
      font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
    }
    @media (max-width: 640px) {
      main { padding: 28px 18px 64px; }
      h1 { font-size: 25px; }
      .summary tr { display: block; padding: 8px 0; }
      .summary th, .summary td { display: block; width: auto; padding: 0; }
    }
    @media print {
      main { max-width: none; padding: 0; }
      h2 { break-after: avoid; margin-top: 32px; }
      figure > svg { margin-left: 0; max-width: 100%; }
      .many { grid-template-columns: 1fr 1fr; gap: 20px; }
      pre { white-space: pre-wrap; }
    }
    """
}
