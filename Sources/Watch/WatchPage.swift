import Figures

/// The page: one document with its own style and script, which asks nobody but this server.
enum WatchPage {
  /// The document.
  ///
  /// - Parameters:
  ///   - title: the name of the directory.
  ///   - nonce: what lets a browser take this style and this script, and no other.
  static func html(title: String, nonce: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(title.escaped)</title>
    <style nonce="\(nonce)">
    \(style)
    </style>
    </head>
    <body>
    \(body(title.escaped))
    <script nonce="\(nonce)">
    \(script)
    </script>
    </body>
    </html>

    """
  }

  /// What stands on the page before anything is known; the script fills it with text, never with markup.
  private static func body(_ title: String) -> String {
    """
    <a class="skip" href="#main">Skip to the run</a>
    <header>
    <h1>\(title)</h1>
    <p id="count">Connecting …</p>
    <p id="news" role="status" aria-live="polite"></p>
    </header>
    <noscript><p>This page needs JavaScript; <code>/api/runs</code> has the list of runs as JSON.</p></noscript>
    <div class="columns">
    <nav aria-labelledby="runs-title">
    <h2 id="runs-title">All runs</h2>
    <label class="filter">Filter by name, system, data or state
    <input id="filter" type="search" autocomplete="off"></label>
    <p class="note">Open a run by its name. Tick up to six to see their curves in the same charts.</p>
    <p id="limit" class="note" role="status"></p>
    <ul id="list"></ul>
    </nav>
    <main id="main" tabindex="-1">
    <section id="empty" hidden aria-labelledby="empty-title">
    <h2 id="empty-title">No runs yet</h2>
    <p>Start one and it appears here by itself, when its directory is below the one that is watched:</p>
    <pre tabindex="0" aria-label="Commands that start a run">helmholtz train vae --data strokes --run \(title)/strokes
    helmholtz train gan --data strokes --run \(title)/gan</pre>
    </section>
    <div id="view" hidden>
    <h2 id="title"></h2>
    <p id="facts"></p>
    <section aria-labelledby="health-title"><h3 id="health-title">Health</h3><ul id="health"></ul></section>
    <section aria-labelledby="pictures-title"><h3 id="pictures-title">Pictures</h3>
    <p id="no-pictures" class="note">None yet: a run on images draws samples at every validation or epoch.</p>
    <div id="pictures" class="pictures"></div></section>
    <section aria-labelledby="curves-title"><h3 id="curves-title">Curves</h3>
    <ul id="compared" class="legend" aria-label="Runs in the charts"></ul>
    <p><label><input id="log" type="checkbox"> Logarithmic y axis where all numbers are above zero</label></p>
    <p id="no-curves" class="note">The log has no line yet.</p>
    <div id="curves-loss" class="figures"></div>
    <div id="terms" hidden><h4>Terms</h4><div id="curves-term" class="figures"></div></div>
    <details id="rates" hidden><summary>Rates and gradients</summary>
    <div id="curves-training" class="figures"></div></details>
    </section>
    <section id="measured-section" aria-labelledby="measured-title" hidden><h3 id="measured-title">Measured</h3>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="measured-title"><table id="measured"></table></div>
    </section>
    <section aria-labelledby="config-title"><h3 id="config-title">Configuration</h3>
    <p><label>Difference to <select id="other"></select></label></p>
    <p id="difference-note" class="note" role="status"></p>
    <div class="scroll" tabindex="0" role="region" aria-label="Settings that differ">
    <table id="difference" hidden></table></div>
    <details id="config-details"><summary>config.yaml</summary>
    <pre id="config" tabindex="0" aria-label="config.yaml"></pre></details>
    </section>
    </div>
    </main>
    </div>
    """
  }
}
