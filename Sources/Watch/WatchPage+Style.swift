extension WatchPage {
  /// The style sheet: that of the reports, with a dark ground where the reader's system has one.
  ///
  /// Colours of curves are Paul Tol's `bright` on white, and lighter ones of the same order on black.
  static let style = #"""
    :root {
      color-scheme: light dark;
      --paper: #fff; --ink: #1f2328; --text: #3d444d; --faint: #59636e; --line: #d8dee4; --grid: #e6e9ed;
      --axis: #8c959f; --ground: #f6f8fa; --link: #0550ae; --bad: #a40e26; --good: #116329; --warn: #7d4e00;
      --c0: #4477aa; --c1: #d1495b; --c2: #228833; --c3: #aa3377; --c4: #1b7f9c; --c5: #8a7a12;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #0d1117; --ink: #e6edf3; --text: #c9d1d9; --faint: #9ba5b0; --line: #30363d; --grid: #21262d;
        --axis: #6e7681; --ground: #161b22; --link: #79b8ff; --bad: #ff9492; --good: #7ee2a0; --warn: #f0c36d;
        --c0: #77aadd; --c1: #ee8866; --c2: #77cc77; --c3: #ee99cc; --c4: #66ccee; --c5: #ddcc66;
      }
    }
    * { box-sizing: border-box; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
    }
    [hidden] { display: none !important; }
    :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
    main:focus { outline: none; }
    .skip { position: absolute; left: -999px; z-index: 1; padding: 8px 12px; }
    .skip { background: var(--paper); color: var(--link); }
    .skip:focus { left: 8px; top: 8px; }
    header { border-bottom: 2px solid var(--ink); margin: 0 24px; padding: 20px 0 10px; }
    header p { margin: 0; color: var(--faint); font-size: 15px; overflow-wrap: anywhere; }
    #news:not(:empty) { color: var(--text); }
    h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
    h2 { font-size: 20px; line-height: 1.3; margin: 0 0 8px; overflow-wrap: anywhere; }
    h3 { font-size: 17px; margin: 28px 0 8px; }
    h4 { font-size: 15px; margin: 20px 0 8px; }
    p { margin: 0 0 12px; max-width: 80ch; }
    ul { margin: 0 0 12px; padding-left: 20px; }
    .note, figcaption { color: var(--faint); font-size: 14px; }
    .columns { display: grid; grid-template-columns: 340px minmax(0, 1fr); gap: 32px; padding: 20px 24px 64px; }
    nav { min-width: 0; }
    .filter { display: block; font-size: 14px; color: var(--faint); margin-bottom: 8px; }
    input[type=search], select {
      display: block; width: 100%; max-width: 100%; margin-top: 4px; padding: 8px; font: inherit; font-size: 16px;
      color: var(--ink); background: var(--ground); border: 1px solid var(--axis); border-radius: 6px;
    }
    select { max-width: 480px; }
    input[type=checkbox] { width: 20px; height: 20px; margin: 0; accent-color: var(--link); vertical-align: -4px; }
    #list { list-style: none; margin: 0; padding: 0; }
    #list li { display: grid; grid-template-columns: 36px minmax(0, 1fr); border-top: 1px solid var(--line); }
    #list li > label { display: grid; place-items: center; min-height: 44px; }
    #list button {
      text-align: left; font: inherit; color: inherit; background: none; border: 0; padding: 8px 6px; cursor: pointer;
      min-height: 44px; border-left: 4px solid transparent;
    }
    #list button:hover { background: var(--ground); }
    #list button[aria-current=true] { background: var(--ground); border-left-color: var(--link); }
    .name { font-weight: 600; overflow-wrap: anywhere; display: block; }
    .meta { display: block; font-size: 13px; color: var(--faint); overflow-wrap: anywhere; }
    .state { font-size: 13px; font-weight: 600; }
    .running { color: var(--link); } .finished, .stoppedEarly { color: var(--good); }
    .failed, .stalled { color: var(--bad); } .interrupted, .warning { color: var(--warn); }
    .bar { display: block; height: 4px; margin-top: 4px; overflow: hidden; background: var(--grid); }
    .bar > span { display: block; height: 100%; background: var(--link); }
    #health { list-style: none; padding: 0; max-width: 90ch; }
    #health li { padding: 6px 0 6px 12px; border-left: 4px solid var(--good); margin-bottom: 6px; }
    #health li { overflow-wrap: anywhere; }
    #health li.alarm { border-left-color: var(--bad); }
    .figures, .pictures {
      display: grid; gap: 20px 28px; align-items: start;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr));
    }
    .pictures { grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); }
    #empty pre { white-space: pre-wrap; }
    figure { margin: 0; min-width: 0; }
    figure img {
      display: block; max-width: 100%; max-height: 280px; image-rendering: pixelated;
      background: #fff; border: 1px solid var(--line);
    }
    figcaption { line-height: 1.4; margin-top: 4px; overflow-wrap: anywhere; }
    figure svg { display: block; width: 100%; height: auto; }
    svg text { fill: var(--faint); font-size: 12px; font-family: inherit; }
    svg .title { fill: var(--ink); font-weight: 600; font-size: 14px; }
    svg .grid { stroke: var(--grid); } svg .axis { stroke: var(--axis); }
    svg .curve { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
    .s0 { stroke: var(--c0); fill: var(--c0); } .s1 { stroke: var(--c1); fill: var(--c1); }
    .s2 { stroke: var(--c2); fill: var(--c2); } .s3 { stroke: var(--c3); fill: var(--c3); }
    .s4 { stroke: var(--c4); fill: var(--c4); } .s5 { stroke: var(--c5); fill: var(--c5); }
    .legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; }
    .legend li { display: flex; gap: 8px; align-items: center; overflow-wrap: anywhere; min-width: 0; }
    .legend svg { width: 40px; height: 12px; flex: none; }
    .scroll { overflow-x: auto; max-width: 100%; }
    table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; margin-bottom: 12px; }
    caption { text-align: left; color: var(--faint); padding-bottom: 6px; }
    th, td { text-align: left; padding: 5px 20px 5px 0; vertical-align: baseline; max-width: 40ch; }
    #measured th, #measured td { white-space: nowrap; }
    #difference th, #difference td { min-width: 7ch; overflow-wrap: break-word; }
    thead tr { border-bottom: 1.5px solid var(--ink); } tbody tr { border-bottom: 1px solid var(--grid); }
    tbody th { font-weight: 400; }
    details { margin-top: 12px; } summary { cursor: pointer; padding: 8px 0; }
    pre {
      background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 12px 14px;
      overflow-x: auto; max-width: 100%;
      font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
    }
    @media (max-width: 900px) {
      .columns { grid-template-columns: minmax(0, 1fr); padding: 16px 16px 48px; gap: 20px; }
      header { margin: 0 16px; }
      #list { max-height: 45vh; overflow-y: auto; border-bottom: 1px solid var(--line); }
    }
    @media (prefers-reduced-motion: no-preference) { .bar > span { transition: width 0.4s; } }
    """#
}
