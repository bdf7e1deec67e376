"""From the earlier system's rule texts to checks of the catalogue; the texts are read, never run."""

from profiling_pipeline.legacy_migration.translation.model import Certainty, Translation, Untranslated
from profiling_pipeline.legacy_migration.translation.translate import translate

__all__ = ["Certainty", "Translation", "Untranslated", "translate"]
