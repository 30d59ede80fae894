"""The review workbook: written for an admin with all that is to be decided, read when it comes back."""

from batch.formats.review.content import (
    NotAnswered,
    ReviewApplication,
    ReviewContent,
    ReviewControl,
    ReviewException,
)
from batch.formats.review.read import ReviewRead, read
from batch.formats.review.words import in_words
from batch.formats.review.write import write

__all__ = [
    "NotAnswered",
    "ReviewApplication",
    "ReviewContent",
    "ReviewControl",
    "ReviewException",
    "ReviewRead",
    "in_words",
    "read",
    "write",
]
