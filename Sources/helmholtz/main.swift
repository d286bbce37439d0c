print("helmholtz")
