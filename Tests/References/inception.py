"""Writes Tests/EvaluationTests/Fixtures/inception.safetensors: Inception-v3 with made-up weights, by its two references.

    pip install torch torchvision pytorch-fid safetensors && python Tests/References/inception.py

Weights and images are quadratic residues of the running index, which any language makes exactly: u(i, k) =
((7 i^2 + 13 i + 101 k) mod 65521) / 65521 - 1/2 for the k-th tensor in the order of names. A convolution or matrix is
u sqrt(24 / fan in), a batch norm's weight 1 + u / 5, its bias and mean u / 5, its variance 1 + u / 5, images
u + 1/2 with k = 1000.
"""

import pathlib

import torch
import torchvision
from pytorch_fid import inception
from safetensors.torch import save_file


def residues(shape, k):
    i = torch.arange(torch.Size(shape).numel(), dtype=torch.int64)
    return (((7 * i * i + 13 * i + 101 * k) % 65521).double() / 65521 - 0.5).reshape(shape)


def weights(model):
    state = {name: tensor for name, tensor in model.state_dict().items()
             if not name.startswith("AuxLogits.") and not name.endswith("num_batches_tracked")}
    made = {}
    for k, name in enumerate(sorted(state)):
        shape = state[name].shape
        u = residues(shape, k)
        if name.endswith("conv.weight") or name == "fc.weight":
            made[name] = u * (24 / shape[1:].numel()) ** 0.5
        elif name.endswith("bn.weight") or name.endswith("running_var"):
            made[name] = 1 + u / 5
        else:
            made[name] = u / 5
    return {name: tensor.float() for name, tensor in made.items()}


def features(model, x):
    kept = []
    model.avgpool.register_forward_hook(lambda module, inputs, output: kept.append(output.flatten(1)))
    with torch.no_grad():
        logits = model.eval()(x)
    return kept[0], logits


images = residues([2, 3, 20, 17], 1000).float() + 0.5
x = 2 * torch.nn.functional.interpolate(images, size=(299, 299), mode="bilinear", align_corners=False) - 1
# The constructor without its download: the state it would load is replaced by `weights` anyway.
inception.load_state_dict_from_url = lambda *a, **k: None
torch.nn.Module.load_state_dict, load = lambda *a, **k: None, torch.nn.Module.load_state_dict
fid = inception.fid_inception_v3()
torch.nn.Module.load_state_dict = load
plain = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False)
fixture = {}
for name, model in [("fid", fid), ("torchvision", plain)]:
    model.load_state_dict(weights(model), strict=False)
    fixture[name + ".features"], fixture[name + ".logits"] = features(model, x)
path = pathlib.Path(__file__).parents[1] / "EvaluationTests" / "Fixtures" / "inception.safetensors"
save_file({name: tensor.contiguous() for name, tensor in fixture.items()}, str(path))
print({name: (tensor.shape, tensor.mean().item(), tensor.std().item()) for name, tensor in fixture.items()})
