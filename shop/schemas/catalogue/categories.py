"""Categories (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Any, Self

from pydantic import Field

from shop.models import Category
from shop.schemas.envelope import Envelope
from shop.schemas.types import Id, RequestModel, ResponseModel, Text


class CategoryChange(RequestModel):
    """Fields of a category to change; those not given stay."""

    name: Annotated[Text, Field(min_length=1, examples=["Dairy"])] = ""
    slug: Annotated[Text, Field(description="Made from the name if it is not given.", examples=["dairy"])] = ""
    parent_id: Annotated[Id | None, Field(description="Null for the top level.", examples=[None])] = None
    position: Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000, examples=[0])] = 0

    @property
    def given(self) -> dict[str, Any]:
        """Return the columns that were given."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class NewCategory(CategoryChange):
    """A category to add."""

    name: Annotated[Text, Field(min_length=1, examples=["Dairy"])]


class CategoryOut(ResponseModel):
    """A category of products."""

    id: Annotated[int, Field(examples=[4])]
    name: Annotated[str, Field(examples=["Dairy"])]
    slug: Annotated[str, Field(examples=["dairy"])]
    parent_id: Annotated[int | None, Field(examples=[None])]
    position: Annotated[int, Field(examples=[0])]

    @classmethod
    def of(cls, category: Category) -> Self:
        """Return a category."""
        return cls(
            id=category.id,
            name=category.name,
            slug=category.slug,
            parent_id=category.parent_id,
            position=category.position,
        )


class CategoryData(ResponseModel):
    """A category."""

    category: CategoryOut


class CategoryResponse(Envelope):
    """A category."""

    data: CategoryData


class CategoriesData(ResponseModel):
    """Categories."""

    categories: list[CategoryOut]


class CategoriesResponse(Envelope):
    """All categories: parents before their children, each level in its order."""

    data: CategoriesData
