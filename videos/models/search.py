"""What full-text search keeps: a document for each video, and the words that can be meant by a mistyped one."""

from django.contrib.postgres.search import SearchVectorField
from django.db import models

from nisam.lib.constraints import Repeats
from videos.models.video import Video


class SearchDocument(models.Model):
    """A video's words, apart from its row, which stays slim; `videos/search/index.py` writes it.

    A document that is written again gets a new id, so that ids tell what came after what. On SQLite the words are in
    the FTS5 table `videos_searchtext` under the same id, and `vector` is empty.
    """

    video = models.OneToOneField(Video, models.CASCADE, related_name="document", db_constraint=False)
    published_at = models.DateTimeField(help_text="The video's, so that the newest matches are found by an index.")
    is_deleted = models.BooleanField(help_text="The video's, so that no video need be looked at.")
    digest = models.BigIntegerField(help_text="Of what the document was made of: the same again is not written.")
    vector = SearchVectorField(null=True)

    class Meta:
        constraints = [
            Repeats(foreign_key="video", fields=["published_at", "is_deleted"], name="searchdocument_repeats_video")
        ]
        indexes = [
            # A search for a common word goes through the newest videos; GIN (see the migration) finds the rare ones.
            models.Index(fields=["published_at", "video"], name="searchdocument_by_date"),
        ]

    def __str__(self) -> str:
        return str(self.video_id)


class SearchWord(models.Model):
    """A word of titles, tags, categories or channel names."""

    word = models.CharField(max_length=60)
    mirrored = models.CharField(max_length=60, help_text="Its letters from the last to the first: finds endings.")
    length = models.PositiveSmallIntegerField()
    seen = models.PositiveBigIntegerField(default=0, help_text="In how many documents, roughly.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word"], name="searchword_word")]
        indexes = [models.Index(fields=["mirrored"], name="searchword_mirrored")]

    def __str__(self) -> str:
        return self.word


class SearchMark(models.Model):
    """How far the words of documents are learned; one row.

    Ids are given before their transactions commit, so a document is learned one round after its id was seen.
    """

    learned_to = models.BigIntegerField(default=0)
    seen_to = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"learned to {self.learned_to}"
