/// What `config vae` prints. A change here is a change for users: it belongs into the change log.
let expectedVAE = """
  # vae: a Gaussian encoder, and its KL to the prior in closed form
  # Kingma & Welling 2014, Auto-Encoding Variational Bayes (arXiv:1312.6114)
  model: vae                    # a system of `helmholtz models`
  samples: 1                    # codes drawn per example and step, k
  bound: mean                   # how the bound is made of them; one of mean,
                                # importance-weighted

  # The examples.
  data:
    name: mnist                 # a set of `helmholtz data`, a file or a folder of
                                # images
    key: null                   # the array in a file of several
    header: false               # whether the first line of a CSV file names its
                                # columns
    labels: null                # a CSV file of names or indices and labels
    codes: null                 # a run whose mean codes take the place of
                                # examples, as RUN or RUN@best
    imageSize: null             # side that images are scaled and cropped to; null
                                # takes them as they are
    channels: null              # 1 is grey, 3 is RGB; null takes images as they
                                # are
    skipBad: false              # go on without images that cannot be decoded
    stream: false               # read examples from disk, batch by batch
    flips: false                # turn left and right around at random, in
                                # training
    shift: 0                    # move images by up to so many pixels at random,
                                # in training
    dequantize: false           # add uniform noise of one level to pixels; 256 is
                                # then 1
    scaling: unit               # of pixels that are not binarized: to [0, 1]; by
                                # the deviation of their channel; to 256ths less
                                # the mean at their place; one of unit,
                                # deviations, centred
    binarization: auto          # of pixels; auto is dynamic for images with a
                                # bernoulli likelihood and none otherwise; one of
                                # auto, none, threshold, dynamic, fixed
    validation: null            # examples held out of the training set; 0 is
                                # none; null is a twelfth, 5000 of 60000. Not used
                                # where the set brings its own
    limit: null                 # training examples used, all if null
    seed: 0                     # of the choice of held-out examples, and of a
                                # generated set
    shape: null                 # of one example; null until a run writes it down

  # The network of q(z|x).
  encoder:
    network: mlp                # its kind; one of mlp, dcgan, conv, pixelcnn,
                                # pixelcnnpp
    hidden: [500, 500]          # an mlp's layers, or the dense layers of conv
    channels: [64, 128]         # maps of dcgan or conv by stage, each of stride 2
    activation: relu            # of mlp and conv; leaky-relu leaks 0.2 in an mlp,
                                # 0.1 in conv; one of relu, leaky-relu, elu, tanh,
                                # softplus
    layers: 7                   # of a pixelcnn; of a pixelcnnpp up, and again
                                # down
    kernel: 7                   # side of a pixelcnn's first kernel; later ones
                                # have 3 (odd, from 3 to 255)
    maps: 32                    # of each layer of a pixelcnn or pixelcnnpp

  # The network of p(x|z).
  decoder:
    network: mlp                # its kind; one of mlp, dcgan, conv, pixelcnn,
                                # pixelcnnpp
    hidden: [500, 500]          # an mlp's layers, or the dense layers of conv
    channels: [128, 64]         # maps of dcgan or conv by stage, each of stride 2
    activation: relu            # of mlp and conv; leaky-relu leaks 0.2 in an mlp,
                                # 0.1 in conv; one of relu, leaky-relu, elu, tanh,
                                # softplus
    layers: 7                   # of a pixelcnn; of a pixelcnnpp up, and again
                                # down
    kernel: 7                   # side of a pixelcnn's first kernel; later ones
                                # have 3 (odd, from 3 to 255)
    maps: 32                    # of each layer of a pixelcnn or pixelcnnpp

  # The codes z of p(z) = N(0, I).
  latent:
    dimensions: 50              # their length
    initialScale: 1             # the deviation of q(z|x) that training starts
                                # near

  # The distribution p(x|z) of an example given its code.
  likelihood:
    family: bernoulli           # its family; one of bernoulli, gaussian,
                                # discretized-logistic, categorical,
                                # logistic-mixture
    scale: shared               # given, learned (one or one per dimension) or an
                                # output of the decoder; for gaussian and
                                # discretized-logistic; one of fixed, shared,
                                # per-dimension, predicted
    fixedScale: 0.1             # the scale if it is fixed
    levels: 256                 # values of a pixel for discretized-logistic and
                                # categorical (from 2 to 65536)
    mixtures: 10                # components for logistic-mixture

  # What keeps the codes near the prior.
  regularizer:
    divergence: kl              # how it is measured; one of kl, monte-carlo-kl,
                                # none, mmd, stein, adversarial, info
    weight: 1                   # its factor, beta
    unit: example               # what the factor is of: an example's log
                                # likelihood, or its mean by dimension of x; one
                                # of example, dimension
    warmupEpochs: 0             # epochs over which the factor rises from 0
    kernel: infovae             # of mmd: exp(-r2/d2), exp(-r2/2s2), (1 +
                                # r2)^(-1/2) or 2d/(2d + r2); one of infovae,
                                # gaussian, imq, imq-wae
    bandwidth: null             # of the gaussian kernel, s (null: the root of d),
                                # or of stein, h of exp(-r2/h) (null: median2 /
                                # log n)
    estimator: biased           # of mmd; one of biased, unbiased
    priorSamples: 200           # draws from the prior for mmd (from 2 to 1000000)
    alpha: 0                    # of info: (1 - alpha) KL(q(z|x), p(z)) + (alpha +
                                # lambda - 1) D(q(z), p(z))
    lambda: 1000                # of info
    marginal: mmd               # D of info; one of mmd, stein, adversarial
    # The critic of an adversarial divergence.
    critic:
      # the game it plays; one of jensen-shannon, kl, reverse-kl, pearson,
      # hellinger, wasserstein
      objective: jensen-shannon
      hidden: [512, 512]        # its layers
      steps: 1                  # its moves for one of the autoencoder
      learningRate: null        # Adam's step size for it; null is a third of the
                                # autoencoder's
      gradientPenalty: 10       # of wasserstein

  # Auxiliary variables a and stochastic layers, of avae, m2, adgm and sdgm.
  auxiliary:
    kind: stochastic            # what a is; one of none, stochastic,
                                # deterministic
    dimensions: 100             # its length
    skip: false                 # whether x is made of a too
    seesExample: false          # whether p(a|z, y) is given x
    upper: null                 # lengths of z in further stochastic layers, or
                                # null for none
    upperHidden: [256, 256]     # layers of the networks of further stochastic
                                # layers
    draws: 1                    # of z for each a and y
    batchNorm: true             # whether it stands in front of every nonlinearity

  # The labels that m2, adgm and sdgm learn from.
  labels:
    perClass: null              # examples of every class whose label is used, or
                                # null for all that have one
    batchSize: 100              # labelled examples beside every batch
    draws: null                 # classes drawn for each unlabelled example and a,
                                # where there are too many to sum over; null sums
    beta: 0.1                   # the classification loss, by all examples to
                                # labelled ones
    alpha: null                 # its weight in the end; null is beta N / N_l,
                                # which a run writes down
    classes: null               # how many there are; null until a run writes it
                                # down (from 2 to 65536)

  # The training.
  training:
    epochs: 100                 # passes over the training set, or null
    steps: null                 # or optimizer steps; one of the two is null
    batchSize: 100              # examples in a batch
    seed: 1                     # of weights, order and noise
    precision: float32          # of matrix products; one of float32, bf16
    device: cpu                 # where to compute; one of cpu, cuda, mps
    threads: 0                  # CPU threads; 0 is one per core
    learningRate: 0.001         # Adam's step size
    # The learning rate over the run.
    schedule:
      kind: constant            # how the rate falls; one of constant, step,
                                # cosine, plateau
      factor: 0.5               # what step and plateau multiply the rate by
                                # (between 0 and 1)
      everyEpochs: 10           # epochs between falls of step
      floor: 0                  # least rate of step and cosine
      patience: 5               # validations plateau waits for a better bound
    # The optimizer. Kingma & Ba 2015.
    adam:
      beta1: 0.9                # decay of the first moment (from 0 to below 1)
      beta2: 0.999              # decay of the second moment (from 0 to below 1)
      epsilon: 1e-08            # added to the root of the second moment
      weightDecay: 0            # L2 penalty in the gradient
    # Limits of the gradients.
    clip:
      norm: null                # largest joint 2-norm, or null
      value: null               # then the largest element, or null
    validationEvery: 1          # epochs between validations
    patience: null              # validations a run waits for a better bound
                                # before it stops; null is for ever
    logEvery: 100               # steps between lines of the log
    checkpointSeconds: 60       # between checkpoints within an epoch
    keepEvery: null             # epochs between checkpoints kept for good; null
                                # keeps only the best and the last

  """
