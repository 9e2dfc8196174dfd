"""Which of our two languages a reader asked for (Accept-Language, RFC 9110 12.5.4). Pure."""

from shared.words import Language

RANGES_MAX = 20


def preferred(accept_language: str, default: Language) -> Language:
    """Danish or English, whichever has the higher quality in the header; the default where it names neither."""
    best: Language = default
    best_quality = 0.0
    for part in accept_language.split(",")[:RANGES_MAX]:
        name, _, parameters = part.strip().partition(";")
        quality = _quality(parameters)
        language = name.strip().lower().partition("-")[0]
        if quality > best_quality:
            if language == "da":
                best, best_quality = "da", quality
            elif language == "en":
                best, best_quality = "en", quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(1.0, max(0.0, float(value))) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
