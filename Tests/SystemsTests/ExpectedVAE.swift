/// What `config vae` prints. A change here is a change for users: it belongs into the change log.
let expectedVAE = """
  # vae: a Gaussian encoder, and its KL to the prior in closed form
  # Kingma & Welling 2014, Auto-Encoding Variational Bayes (arXiv:1312.6114)
  model: vae                    # a system of `helmholtz models`
  samples: 1                    # codes drawn per example and step, k
  bound: mean                   # how one bound is made of several codes; one of
                                # mean, importance-weighted

  # The network of q(z|x).
  encoder:
    network: mlp                # its kind; one of mlp, dcgan, conv
    hidden: [500, 500]          # widths of the layers of mlp ([] is linear), or
                                # of conv's dense layers
    activation: relu            # nonlinearity of mlp and conv; one of relu,
                                # leaky-relu, elu, tanh, softplus
    joinsInput: false           # whether mlp's input stands beside its features
    noise: none                 # where noise comes in, so that q(z|x) is a
                                # sampler without a density: joined to the input
                                # of the dense layers, added to every layer, or a
                                # basis of learned noises with coefficients of x;
                                # none makes q(z|x) a Gaussian; one of none,
                                # input, layers, basis

  # The network of p(x|z).
  decoder:
    network: mlp                # its kind; one of mlp, dcgan, conv, pixelcnn,
                                # pixelcnnpp
    hidden: [500, 500]          # widths of the layers of mlp ([] is linear), or
                                # of conv's dense layers
    activation: relu            # nonlinearity of mlp and conv; one of relu,
                                # leaky-relu, elu, tanh, softplus
    joinsInput: false           # whether the code stands beside the features of
                                # mlp

  # The codes z of p(z) = N(0, I).
  latent:
    dimensions: 50              # length of a code
    initialScale: 1             # approximate deviation of q(z|x) at the start of
                                # training

  # The family of q(z|x).
  posterior:
    family: gaussian            # its family: a Gaussian, or one whose draws go
                                # through planar or inverse autoregressive layers;
                                # one of gaussian, planar, iaf

  # The distribution p(x|z) of an example given its code.
  likelihood:
    family: bernoulli           # its family; one of bernoulli, gaussian,
                                # discretized-logistic, categorical,
                                # logistic-mixture

  # What keeps the codes near the prior.
  regularizer:
    divergence: kl              # how their distance is measured; one of kl,
                                # monte-carlo-kl, none, mmd, stein, ksd,
                                # adversarial, critic-kl, info
    weight: 1                   # its factor, beta
    unit: example               # what the factor is relative to: log p(x|z) per
                                # example, or per dimension of x; one of example,
                                # dimension
    warmupEpochs: 0             # epochs over which the factor rises from 0

  # The examples.
  data:
    name: mnist                 # a set of `helmholtz data`, a file or a folder of
                                # images
    key: null                   # the array in a file of several
    header: false               # whether the first line of a CSV file names its
                                # columns
    labels: null                # a CSV file of names or indices and labels
    codes: null                 # a run whose codes are the examples, as RUN or
                                # RUN@best
    imageSize: null             # side that images are scaled and cropped to; null
                                # takes them as they are
    channels: null              # 1 is grey, 3 is RGB; null takes images as they
                                # are
    skipBad: false              # go on without images that cannot be decoded
    stream: false               # read examples from disk, batch by batch
    flips: false                # mirror images left to right at random, in
                                # training
    shift: 0                    # move images by up to N pixels at random, in
                                # training
    dequantize: false           # add uniform noise of one level to pixels, then
                                # divide by 256, not 255
    scaling: unit               # what pixels become that are not binarized: [0,
                                # 1]; [-1, 1]; divided by their channel's
                                # deviation; 256ths less their place's mean; one
                                # of unit, symmetric, deviations, centred
    binarization: auto          # how pixels become 0 or 1; auto is dynamic for
                                # images with a bernoulli likelihood, none
                                # otherwise; one of auto, none, threshold,
                                # dynamic, fixed
    testBinarization: auto      # the same for examples that are not learned from;
                                # auto is fixed, one draw, for what is measured,
                                # and threshold for what is encoded or classified
                                # (none in a model that learns from labels); one
                                # of auto, none, threshold, fixed
    validation: null            # examples held out of the training set; null is a
                                # twelfth, 5000 of 60000. Not used where the set
                                # has a validation split
    limit: null                 # training examples used, all if null
    perClass: null              # training examples used of each class, chosen by
                                # the seed; all if null
    seed: 0                     # seed of the choice of held-out examples, and of
                                # a generated set

  # The training.
  training:
    epochs: 100                 # passes over the training set, or null
    steps: null                 # rounds, instead of epochs; one of the two is
                                # null
    batchSize: 100              # examples in a batch
    seed: 1                     # seed of weights, data order and noise
    precision: float32          # number format of matrix products; one of
                                # float32, bf16, float64
    device: cpu                 # where to compute; one of cpu, cuda, mps
    threads: 0                  # CPU threads; 0 is one per core
    optimizer: adam             # algorithm that updates the model; one of adam,
                                # rmsprop, sgd
    learningRate: 0.001         # its step size
    # The learning rate over the run.
    schedule:
      kind: constant            # how the rate falls; one of constant, step,
                                # cosine, linear, inverse, plateau
    # Constants of adam. Kingma & Ba 2015.
    adam:
      beta1: 0.9                # decay of the first moment (from 0 to below 1)
      beta2: 0.999              # decay of the second moment (from 0 to below 1)
      epsilon: 1e-08            # added to the root of the second moment
      weightDecay: 0            # L2 penalty in the gradient
    # Limits of the gradients.
    clip:
      norm: null                # largest 2-norm of all gradients together, or
                                # null
      value: null               # largest absolute value of an element, cut after
                                # the norm, or null
    average: null               # decay of a moving average of the weights, used
                                # by validation, sampling and measuring; null
                                # keeps none (between 0 and 1)
    validationEvery: 1          # epochs between validations
    patience: null              # validations that a run waits for a better score
                                # before it stops; null never stops
    logEvery: 100               # rounds between lines of the log
    checkpointSeconds: 60       # seconds between checkpoints within an epoch
    keepEvery: null             # epochs between checkpoints kept for good; null
                                # keeps only the best and the last
    syncNorms: true             # whether batch norm has the moments of all
                                # processes' examples, where several train
                                # together

  """
