"""Channels and their lists."""

from channels.models.channel import EDITABLE, Channel, ChannelAlias, ChannelQuerySet
from channels.models.tab import ChannelTab, ChannelTabQuerySet, TabKind

__all__ = ["EDITABLE", "Channel", "ChannelAlias", "ChannelQuerySet", "ChannelTab", "ChannelTabQuerySet", "TabKind"]
