"""English by its function words."""

from __future__ import annotations

import pytest

from tocsin.ingest.language import looks_english

ENGLISH = (
    "The town fell to the rebels on Friday after two days of shelling that had emptied its market, and the army "
    "withdrew to the hills in the north, a spokesman said. He would not say how many of its men were lost."
)


def test_plain_news_reads_as_english() -> None:
    assert looks_english(ENGLISH) is True


@pytest.mark.parametrize(
    "text",
    [
        "La ville est tombée vendredi aux mains des rebelles après deux jours de bombardements, et l'armée s'est "
        "retirée dans les collines du nord, a déclaré un porte-parole sans donner plus de détails.",
        "Die Stadt fiel am Freitag nach zwei Tagen Beschuss an die Rebellen, und die Armee zog sich in die Hügel "
        "im Norden zurück, sagte ein Sprecher. Er wollte nicht sagen, wie viele seiner Leute gefallen waren.",
        "La ciudad cayó el viernes en manos de los rebeldes después de dos días de bombardeos, y el ejército se "
        "retiró a las colinas del norte, dijo un portavoz que no quiso dar más detalles a la prensa.",
        "سقطت المدينة يوم الجمعة في أيدي المتمردين بعد يومين من القصف الذي أفرغ سوقها وانسحب الجيش إلى التلال "
        "وقال متحدث باسمه إنه لن يذكر عدد رجاله الذين فقدوا في المعركة ولم يتسن الاتصال بالمحافظ حتى الآن",
        "Город пал в пятницу после двух дней обстрела который опустошил его рынок и армия отошла на холмы на севере "
        "сказал представитель он не стал говорить сколько его людей погибло и не смог назвать имени командира",
    ],
)
def test_other_languages_do_not(text: str) -> None:
    assert looks_english(text) is False


def test_a_few_words_are_not_judged() -> None:
    assert looks_english("Ville tombée, armée en fuite") is None
