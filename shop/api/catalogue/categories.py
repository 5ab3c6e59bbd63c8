"""Categories of products (``docs/contract/api.md``, section 10)."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.catalogue.categories import (
    CategoriesData,
    CategoriesResponse,
    CategoryChange,
    CategoryData,
    CategoryOut,
    CategoryResponse,
    NewCategory,
)
from shop.schemas.envelope import Message
from shop.services.catalogue.categories import delete_category, list_categories, save_category
from shop.web.json_api.endpoint import endpoint

ID = "<id:category_id>"
TAG = "Catalogue"


@blueprint.get("/categories")
@endpoint(CategoriesResponse, tag=TAG, access="api_key", etag=True)
def category_list() -> CategoriesResponse:
    """List all categories

    As a flat list; `parent_id` gives the tree.
    """
    return CategoriesResponse(data=CategoriesData(categories=[CategoryOut.of(one) for one in list_categories()]))


@blueprint.post("/categories")
@endpoint(CategoryResponse, tag=TAG, body=NewCategory, status=201, errors=[409], access="api_key", idempotent=True)
def category_create(body: NewCategory) -> CategoryResponse:
    """Add a category

    Without a slug one is made of the name.
    """
    category = save_category(None, body.given, current_actor())
    return CategoryResponse(data=CategoryData(category=CategoryOut.of(category)))


@blueprint.put(f"/categories/{ID}")
@endpoint(CategoryResponse, tag=TAG, body=CategoryChange, errors=[404, 409], access="api_key", idempotent=True)
def category_change(category_id: int, body: CategoryChange) -> CategoryResponse:
    """Change a category

    Fields that are not given stay.
    """
    category = save_category(category_id, body.given, current_actor())
    return CategoryResponse(data=CategoryData(category=CategoryOut.of(category)))


@blueprint.delete(f"/categories/{ID}")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def category_delete(category_id: int) -> Message:
    """Delete a category

    Its products stay, and the categories below it move up to its parent.
    """
    delete_category(category_id, current_actor())
    return Message(message=gettext("Category deleted"))
