"""What messages call a plug-in."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from mtrrviz.core.plugins import plugin_words


def test_a_plug_in_is_called_by_its_name_and_its_package_or_its_module_without_one() -> None:
    alone = EntryPoint("mine", "my_module:made", "mtrrviz.policies")
    assert plugin_words(alone) == "mine of my_module:made"
    packed = next(one for one in entry_points(group="console_scripts") if one.dist is not None)
    assert packed.dist is not None
    assert plugin_words(packed) == f"{packed.name} of {packed.dist.name}"
