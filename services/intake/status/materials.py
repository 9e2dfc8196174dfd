"""What there is to read about an application's own themes: shown behind its link only, since it tells the themes. Pure."""

from shared.events import ApplicationState, Matter
from shared.programme import Programme
from shared.programme_messages import Material


def materials_of(state: ApplicationState, matter: Matter | None, programme: Programme) -> tuple[Material, ...]:
    """Each once, in the order of the chosen themes; none where there is to be no course, or the application was erased."""
    if matter is None or state.state != "admitted":
        return ()
    chosen = [theme for code in matter.themes if (theme := programme.theme(code))]
    by_url = {one.url: one for theme in chosen for one in theme.materials}
    return tuple(by_url.values())
