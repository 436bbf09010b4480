"""Request bodies: what they do not know is refused, as a query parameter is."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class Body(serializers.Serializer[Any]):
    """A JSON object; the first key that it does not take is a 400 that says which there are."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError."""
        takes = [name for name, field in self.fields.items() if not field.read_only]
        for key in data if isinstance(data, Mapping) else ():
            if key not in takes:
                wrong = "cannot be written" if key in self.fields else "is unknown here"
                raise serializers.ValidationError({key: [f"It {wrong}; there are {', '.join(takes)}."]})
        return super().to_internal_value(data)
