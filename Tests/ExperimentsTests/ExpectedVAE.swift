let expectedVAE = ""
