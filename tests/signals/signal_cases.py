"""Small bound soles for the signal tests."""

from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.binding import Binding, bind
from lablive.signals.montage import parse_montage


def bound(channels: int, *rules: str) -> Binding:
    """Bind ``[[stream.channel]]`` bodies to one stream of so many channels."""
    text = 'schema = 1\n[[stream]]\nmatch = { name = "sole" }\n'
    text += "".join(f"[[stream.channel]]\n{rule}\n" for rule in rules)
    infos = tuple(ChannelInfo(f"c{number}") for number in range(channels))
    info = StreamInfo(1, "sole", "Force", 100.0, infos)
    return bind(parse_montage(text, "case"), [info])


def cells(side: str, count: int, layout: str, unit: str, first: int = 0) -> str:
    """Return the channel body of a sole's pressure cells."""
    return (
        f'index = "{first}:{first + count}"\nrole = "insole_{side}.pressure"\n'
        f'unit = "{unit}"\nlayout = "{layout}"'
    )


def force(side: str, index: int, unit: str = "N") -> str:
    """Return the channel body of a force channel."""
    return f'index = {index}\nrole = "insole_{side}.force"\nunit = "{unit}"'


def zones(side: str, *names: str, first: int = 0) -> str:
    """Return the channel body of loadsol-like zones; -1 is a lost packet."""
    listed = ", ".join(f'"{name}"' for name in names)
    return (
        f'index = "{first}:{first + len(names)}"\nrole = "insole_{side}.zones"\n'
        f'unit = "N"\ninvalid = [-1.0]\nzones = [{listed}]'
    )
