import hashlib
import time

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from demo.models import Note


def index(request):
    return render(request, "index.html", {"notes": Note.objects.select_related("author")[:20]})


@login_required
@require_POST
def add_note(request):
    Note.objects.create(author=request.user, text=request.POST["text"])
    return redirect("/")


@login_required
def upload(request):
    """Keep a file where the front end serves it from, and tell what arrived."""
    if request.method != "POST":
        return render(request, "upload.html")
    file = request.FILES["file"]
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    name = default_storage.save(file.name, file)
    return JsonResponse({"url": default_storage.url(name), "size": file.size, "sha256": digest.hexdigest()})


def stream(request):
    """Count slowly. The front end passes every piece on when it comes."""

    def count():
        for n in range(1, 6):
            yield f"piece {n}\n"
            time.sleep(0.2)

    response = StreamingHttpResponse(count(), content_type="text/plain")
    response["X-Accel-Buffering"] = "no"
    return response


def fail(request):
    raise RuntimeError("this view always fails")
