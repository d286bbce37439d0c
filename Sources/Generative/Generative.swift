// Generative
