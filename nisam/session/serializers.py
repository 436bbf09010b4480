"""The session as JSON."""

from django.contrib.auth.models import User
from rest_framework import serializers

from nisam.lib.bodies import Body
from nisam.lib.fields import Text

ROLES = ("admin", "staff", "user")


class CredentialsSerializer(Body):
    """The body of a login. The password's length is bounded because hashing a long one is work."""

    username = Text(max_length=150)
    password = Text(max_length=4096, trim_whitespace=False)


class SessionSerializer(serializers.Serializer[User]):
    """Who is logged in."""

    isAuthenticated = serializers.BooleanField()
    username = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(ROLES, allow_null=True)
    userId = serializers.CharField(allow_null=True)
