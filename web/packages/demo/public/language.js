// Before anything is shown or loaded: the language of the address (?lang=), so that the chat finds it too.
(function () {
  var wish = new URLSearchParams(location.search).get('lang');
  var language = ['en', 'zh', 'ar'].indexOf(wish) < 0 ? 'en' : wish;
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
})();
