// Passkeys, loaded at the first touch of a button with data-passkey: it says create or get; the options stand in the
// page, or at the address in data-options.
const ways = {
  create({creation_options: {publicKey}}, isAlone) {
    const wish = publicKey.authenticatorSelection;
    wish.residentKey = isAlone ? 'required' : 'discouraged';
    wish.requireResidentKey = isAlone;
    if (isAlone) wish.userVerification = 'required';
    return navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey)});
  },
  get({request_options: {publicKey}}) {
    return navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey)});
  },
};

export async function use(button) {
  const {passkey, options} = button.dataset, {elements} = button.form;
  const asked = options ? await (await fetch(options, {headers: {Accept: 'application/json'}})).json()
    : JSON.parse(document.querySelector('#js_data').textContent);
  try {
    elements.credential.value = JSON.stringify(await ways[passkey](asked, !!elements.passwordless?.checked));
  } catch { return; } // the person said no, or the key is another one: the page stays as it is
  button.form.submit();
}
